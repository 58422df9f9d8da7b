"""A simulated territory: registers in the real formats, and the truth."""
