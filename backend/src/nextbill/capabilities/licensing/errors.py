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


class LicenseRefused(Conflict):
    """The member `reason` tells why, in the words of a validation."""

    code: ClassVar[str] = "license_refused"
    title: ClassVar[str] = "The license does not allow this now"


class QuotaExceeded(Conflict):
    """Members `resource` and `remaining_quota`."""

    code: ClassVar[str] = "quota_exceeded"
    title: ClassVar[str] = "The quota does not suffice"


class ExternalIdReused(Conflict):
    code: ClassVar[str] = "external_id_reused"
    title: ClassVar[str] = "This external_id stands for another reservation"


class ReservationNotFound(NotFound):
    code: ClassVar[str] = "reservation_not_found"
    title: ClassVar[str] = "There is no such reservation"


class ReservationGone(Conflict):
    """The member `state` tells whether it was released or ran out."""

    code: ClassVar[str] = "reservation_gone"
    title: ClassVar[str] = "The reservation no longer holds anything: reserve again"


class ReservationCommitted(Conflict):
    code: ClassVar[str] = "reservation_committed"
    title: ClassVar[str] = "The reservation is committed; report what is deleted instead"


class UsageBelowZero(Conflict):
    """The member `used` tells what is counted now."""

    code: ClassVar[str] = "usage_below_zero"
    title: ClassVar[str] = "More would be deleted than is counted; nothing was changed"


class NoSigningKey(Conflict):
    code: ClassVar[str] = "no_signing_key"
    title: ClassVar[str] = "There is no key to sign leases with yet; a worker makes one"
