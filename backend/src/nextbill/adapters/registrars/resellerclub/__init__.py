"""ResellerClub and its siblings on the LogicBoxes API, as a `Registrar`."""

from nextbill.adapters.registrars.resellerclub.registrar import ResellerClub

__all__ = ["ResellerClub"]
