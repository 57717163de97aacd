"""Registrars behind the domains capability's port `Registrar`, one folder a vendor."""
