"""Pages of accounts: signing in, one's own account, the people of a structure, the territory."""
