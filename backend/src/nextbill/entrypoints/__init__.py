"""How a process starts."""
