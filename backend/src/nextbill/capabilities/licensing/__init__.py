"""Licenses: keys, quotas, and the answer to "may I?"."""

from nextbill.capabilities.licensing.commands import (
    activate_license,
    bind_server,
    cancel_license,
    extend_license,
    issue_license,
    key_for_delivery,
    reveal_key,
    suspend_license,
)
from nextbill.capabilities.licensing.errors import BoundElsewhere, LicenseIsCancelled, LicenseNotFound
from nextbill.capabilities.licensing.events import LicenseActivated, LicenseCancelled, LicenseIssued, LicenseSuspended
from nextbill.capabilities.licensing.queries import License, LicenseKeys, get_license, license_for, list_licenses, validate
from nextbill.capabilities.licensing.rules import Quota, SuspensionReason, Verdict

__all__ = [
    "BoundElsewhere",
    "License",
    "LicenseActivated",
    "LicenseCancelled",
    "LicenseIsCancelled",
    "LicenseIssued",
    "LicenseKeys",
    "LicenseNotFound",
    "LicenseSuspended",
    "Quota",
    "SuspensionReason",
    "Verdict",
    "activate_license",
    "bind_server",
    "cancel_license",
    "extend_license",
    "get_license",
    "issue_license",
    "key_for_delivery",
    "license_for",
    "list_licenses",
    "reveal_key",
    "suspend_license",
    "validate",
]
