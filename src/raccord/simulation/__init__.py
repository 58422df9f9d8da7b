"""A simulated territory: registers in the real formats, and the truth."""

from raccord.simulation.drawing import Simulation
from raccord.simulation.parameters import HARDER, STANDARD, Parameters
from raccord.simulation.territory import simulate

__all__ = ["HARDER", "STANDARD", "Parameters", "Simulation", "simulate"]
