"""Refusals of domains."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, NotFound


class DomainNotFound(NotFound):
    code: ClassVar[str] = "domain_not_found"
    title: ClassVar[str] = "There is no such domain"


class DomainTaken(Conflict):
    """Ordered from us, or registered through us, already."""

    code: ClassVar[str] = "domain_taken"
    title: ClassVar[str] = "The name is taken"


class RenewalNotFound(NotFound):
    code: ClassVar[str] = "domain_renewal_not_found"
    title: ClassVar[str] = "There is no renewal of this domain under way"


class RenewalNotHeld(Conflict):
    """Neither set aside by the billing run nor parked at the registrar."""

    code: ClassVar[str] = "domain_renewal_not_held"
    title: ClassVar[str] = "This renewal waits for nobody"


class RenewalMayBeDone(Conflict):
    """What the registrar may have carried out is not given up on a guess."""

    code: ClassVar[str] = "domain_renewal_may_be_done"
    title: ClassVar[str] = "The registrar may have renewed the domain already"
