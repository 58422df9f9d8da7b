"""« Bris de glace »: opening a file beyond one's own scope, for three hours, seen by all."""
