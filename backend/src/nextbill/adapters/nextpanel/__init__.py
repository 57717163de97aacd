"""NextPanel servers behind hosting's port `ControlPanel`."""

from nextbill.adapters.nextpanel.panel import NextPanel

__all__ = ["NextPanel"]
