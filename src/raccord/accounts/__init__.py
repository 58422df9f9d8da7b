"""Users, memberships, sign-in, what an actor may see and do."""
