"""The support group's room: an agenda that makes itself, decisions as they are said, minutes."""
