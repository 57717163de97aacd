"""What can go wrong, each with what to do about it. No message holds a secret or a license key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class LicenseError(Exception):
    """All errors of this package. `code` is the API's stable one, where the API spoke."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code


class Unreachable(LicenseError):
    """Billing gave no usable answer and no lease covers the question: make nothing new, leave what exists alone, ask again.

    `why` says what happened; `retry_after` (seconds) is what billing asked for, if it did.
    """

    def __init__(self, message: str, *, why: str, retry_after: float | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.why = why
        self.retry_after = retry_after


class NotAuthenticated(LicenseError):
    """The API key is unknown, revoked or expired, its secret wrong, or the clock too far off. Trying again will not help."""


class NotPermitted(LicenseError):
    """The API key is good, but not for this: a permission is missing, or this machine's address is not on its list."""


class NotFound(LicenseError):
    """No such license or reservation, or it is another server's."""


class InvalidRequest(LicenseError):
    """The request is malformed: a mistake in the calling code. `fields` maps each field to what is wrong with it."""

    def __init__(self, message: str, *, fields: Mapping[str, str], code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.fields = dict(fields)


class Conflict(LicenseError):
    """The present state forbids it (`external_id_reused`, `reservation_gone`, `usage_below_zero` …). `details` are the answer's own members."""

    def __init__(self, message: str, *, details: Mapping[str, Any], code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.details = dict(details)


class LicenseRefused(LicenseError):
    """The license does not allow it. `reason` is one of `nextpanel_license.Reason`."""

    def __init__(
        self, message: str, *, reason: str, resource: str | None = None, remaining_quota: int | None = None, code: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.reason = reason
        self.resource = resource
        self.remaining_quota = remaining_quota


class QuotaExceeded(LicenseRefused):
    """No room for so many of `resource`; `remaining_quota` are left. The customer needs a larger plan or fewer of them."""


class LeaseInvalid(LicenseError):
    """A lease that proves nothing: wrong signature, key, type, issuer, server or time. It is never used."""


class BufferFull(LicenseError):
    """The usage buffer holds as many events as it may. Nothing was dropped: this one was not taken. `usage.set` mends the count later."""
