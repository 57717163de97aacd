"""Licenses: keys, quotas, reservations, usage, leases, and the answer to "may I?"."""

from nextbill.capabilities.licensing.commands.changes import change_plan, override_limits, rotate_key
from nextbill.capabilities.licensing.commands.keys import key_for_delivery, reveal_key
from nextbill.capabilities.licensing.commands.lifecycle import (
    activate_license,
    bind_server,
    cancel_license,
    extend_license,
    extend_licenses,
    issue_license,
    move_license,
    suspend_license,
)
from nextbill.capabilities.licensing.commands.signing import keep_signing_keys, rotate_signing_key
from nextbill.capabilities.licensing.errors import BoundElsewhere, LicenseIsCancelled, LicenseNotFound
from nextbill.capabilities.licensing.events import (
    LicenseActivated,
    LicenseCancelled,
    LicenseIssued,
    LicenseKeyRotated,
    LicenseLimitsChanged,
    LicenseMoved,
    LicenseSuspended,
    QuotaReached,
)
from nextbill.capabilities.licensing.queries.licenses import License, LicenseKeys, get_license, get_licenses, license_for, list_licenses
from nextbill.capabilities.licensing.rules.expiry import license_expiry
from nextbill.capabilities.licensing.rules.verdict import Quota, SuspensionReason

__all__ = [
    "BoundElsewhere",
    "License",
    "LicenseActivated",
    "LicenseCancelled",
    "LicenseIsCancelled",
    "LicenseIssued",
    "LicenseKeyRotated",
    "LicenseKeys",
    "LicenseLimitsChanged",
    "LicenseMoved",
    "LicenseNotFound",
    "LicenseSuspended",
    "Quota",
    "QuotaReached",
    "SuspensionReason",
    "activate_license",
    "bind_server",
    "cancel_license",
    "change_plan",
    "extend_license",
    "extend_licenses",
    "get_license",
    "get_licenses",
    "issue_license",
    "keep_signing_keys",
    "key_for_delivery",
    "license_expiry",
    "license_for",
    "list_licenses",
    "move_license",
    "override_limits",
    "reveal_key",
    "rotate_key",
    "rotate_signing_key",
    "suspend_license",
]
