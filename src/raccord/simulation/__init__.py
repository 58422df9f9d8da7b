"""A simulated territory: registers in the real formats, and the truth."""

from raccord.simulation.parameters import HARDER, STANDARD, Parameters
from raccord.simulation.territory import Simulation, simulate

__all__ = ["HARDER", "STANDARD", "Parameters", "Simulation", "simulate"]
