"""Simulators of the outside parties, speaking the vendors' own wire formats. They import nothing of the product."""
