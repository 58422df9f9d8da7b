"""Reports by any operator, and two files that may be one young person."""
