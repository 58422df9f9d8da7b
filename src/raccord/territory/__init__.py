"""Académies, départements, basins, communes, and the structures of every kind."""
