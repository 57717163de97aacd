"""Steps at the registrar, and the daily look."""

from nextbill.capabilities.domains.jobs.registering import PrepareRegistrant, RegisterDomain
from nextbill.capabilities.domains.jobs.reminding import Reminders
from nextbill.capabilities.domains.jobs.renewing import RenewDomain

__all__ = ["PrepareRegistrant", "RegisterDomain", "Reminders", "RenewDomain"]
