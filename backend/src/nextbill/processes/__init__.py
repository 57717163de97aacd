"""Procedures that span capabilities and own no table; they never know each other."""
