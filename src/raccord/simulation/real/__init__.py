"""The registers of the territory in the formats establishments really export."""

from raccord.simulation.real.writing import write_real

__all__ = ["write_real"]
