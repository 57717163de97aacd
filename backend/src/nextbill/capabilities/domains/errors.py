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
