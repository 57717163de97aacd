"""NextPanel Billing for panels: may I, hold quota, report usage, and go on within a signed lease while billing can't be reached."""

from nextpanel_license.aio import AsyncLicenseClient
from nextpanel_license.client import LicenseClient
from nextpanel_license.core import Settings
from nextpanel_license.errors import (
    BufferFull,
    Conflict,
    InvalidRequest,
    LeaseInvalid,
    LicenseError,
    LicenseRefused,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    QuotaExceeded,
    Unreachable,
)
from nextpanel_license.shapes import Flushed, Reason, Reservation, Revocation, UsageResult, Verdict
from nextpanel_license.signing import signature
from nextpanel_license.spool import MemorySpool, Spool, SqliteSpool

__version__ = "0.1.0"
__all__ = [
    "AsyncLicenseClient",
    "BufferFull",
    "Conflict",
    "Flushed",
    "InvalidRequest",
    "LeaseInvalid",
    "LicenseClient",
    "LicenseError",
    "LicenseRefused",
    "MemorySpool",
    "NotAuthenticated",
    "NotFound",
    "NotPermitted",
    "QuotaExceeded",
    "Reason",
    "Reservation",
    "Revocation",
    "Settings",
    "Spool",
    "SqliteSpool",
    "Unreachable",
    "UsageResult",
    "Verdict",
    "signature",
]
