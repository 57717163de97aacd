"""What single endings demand of the contacts of a registration."""

from __future__ import annotations

from nextbill.runtime.vendors import VendorRejected

NO_CONTACT = "-1"
ROLES = ("reg", "admin", "tech", "billing")

_CONTACT_TYPES = {"at": "AtContact", "cl": "ClContact", "co": "CoContact", "de": "DeContact", "eu": "EuContact", "fr": "FrContact"} | {
    "mx": "MxContact",
    "uk": "UkContact",
}
# Registries that ask for facts about the registrant which an order does not hold.
_ASK_FOR_MORE = frozenset({"us", "ca", "asia", "es", "nl", "ru", "au", "br", "cn", "coop", "nyc"})
_ROLES_UNKNOWN = {
    "admin": frozenset({"eu", "nz", "ru", "uk"}),
    "tech": frozenset({"eu", "nz", "ru", "uk", "fr"}),
    "billing": frozenset({"at", "berlin", "ca", "eu", "fr", "nl", "nz", "ru", "uk", "london"}),
}


def contact_type(tld: str) -> str:
    """Raises VendorRejected("unsupported") for endings that need more than a name, an address and a telephone."""
    country = tld.rpartition(".")[2]
    if country in _ASK_FOR_MORE:
        raise VendorRejected("unsupported", f".{tld} asks for facts about the registrant that are not collected")
    return _CONTACT_TYPES.get(country, "Contact")


def contact_parameters(tld: str, contact_ref: str) -> list[tuple[str, str]]:
    """The same contact in every role that the registry knows."""
    country = tld.rpartition(".")[2]
    return [(f"{role}-contact-id", NO_CONTACT if country in _ROLES_UNKNOWN.get(role, ()) else contact_ref) for role in ROLES]
