"""Refusals of licensing."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, NotFound


class LicenseNotFound(NotFound):
    code: ClassVar[str] = "license_not_found"
    title: ClassVar[str] = "There is no such license"


class LicenseIsCancelled(Conflict):
    code: ClassVar[str] = "license_cancelled"
    title: ClassVar[str] = "The license is cancelled; that is final"


class BoundElsewhere(Conflict):
    code: ClassVar[str] = "license_bound_elsewhere"
    title: ClassVar[str] = "The license is bound to another server"
