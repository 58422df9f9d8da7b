"""Lists as files, and the statement of what a school did for its leavers."""
