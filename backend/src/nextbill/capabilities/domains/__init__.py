"""Internet names: what is free, what is ordered, what is registered."""

from nextbill.capabilities.domains.commands import Cost, request_registration, set_cost, withdraw_registration
from nextbill.capabilities.domains.errors import DomainNotFound, DomainTaken
from nextbill.capabilities.domains.events import DomainExpiring, DomainParked, DomainRefused, DomainRegistered
from nextbill.capabilities.domains.queries import Domain, domain_for, get_domain, held_names, list_domains, registrant_email

__all__ = [
    "Cost",
    "Domain",
    "DomainExpiring",
    "DomainNotFound",
    "DomainParked",
    "DomainRefused",
    "DomainRegistered",
    "DomainTaken",
    "domain_for",
    "get_domain",
    "held_names",
    "list_domains",
    "registrant_email",
    "request_registration",
    "set_cost",
    "withdraw_registration",
]
