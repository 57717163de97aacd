"""Why a start was refused."""

from __future__ import annotations


class StartRefused(Exception):
    """One line for the person at the keyboard: what is in the way, and the way out."""
