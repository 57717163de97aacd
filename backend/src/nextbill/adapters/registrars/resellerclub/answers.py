"""What an answer of the LogicBoxes API means, in the words of the vendor errors.

HTTP 500 is the vendor's ordinary business refusal, 200 may be a failure, and there are four shapes of error: the body decides,
and words that we do not know count as "perhaps done" on a charge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from nextbill.capabilities.domains.ports import NoFunds, RejectionReason
from nextbill.runtime.vendors import VendorError, VendorRejected, VendorUnavailable, VendorUnknown

DETAIL_LENGTH_MAX = 300
T = TypeVar("T")
LOCKED_FOR_FUNDS = "order locked in processing"

# The vendor's words, by substring and regardless of case; the first that fits decides.
_REJECTIONS: tuple[tuple[str, RejectionReason], ...] = (
    ("authentication failure", "auth_failed"),
    ("invalid api-key", "auth_failed"),
    ("error code: 1020", "not_allowed"),
    ("access denied", "not_allowed"),
    ("not allowed to perform this action", "not_ours"),
    ("website doesn't exist for", "not_ours"),
    ("no entity found for entityid", "not_ours"),
    ("not signed up for premium", "premium"),
    ("premium domains not supported", "premium"),
    ("already registered", "taken"),
    ("privacy protection service not available", "unsupported"),
    ("is not a valid nameserver", "invalid"),
    ("invalid contact-id", "invalid"),
    ("invalid customer-id", "invalid"),
    ("required parameter missing", "invalid"),
    ("cannot be extended beyond", "invalid"),
)
_BUSY = ("already an action pending on this order", "already a pending action on this domain", "already added this action on this order")
_DONE_BEFORE = "domain already renewed"
_CUSTOMER_NOT_FOUND = re.compile(r"customer .* not found", re.IGNORECASE)
_MAP_ENTRY = re.compile(r"([\w-]+)=([^,}]*)")
_FIELDS = {
    "username": "email",
    "emailaddr": "email",
    "addressline1": "address_line_1",
    "addressline2": "address_line_2",
    "zipcode": "postal_code",
    "zip": "postal_code",
    "phonecc": "phone",
    "telno": "phone",
    "telnocc": "phone",
    "ns": "nameservers",
    "domainname": "name",
}


def settle(answer: httpx.Response, *, charges: bool) -> Any:
    """The parsed body of a success: an object, a bare integer, a bare boolean or a string. Raises a vendor error for all else."""
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise VendorUnavailable("throttled", retry_after=_seconds(answer.headers.get("retry-after")))
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        raise _unparsable(answer, charges=charges) from None
    message = _complaint(body)
    if message is not None:
        raise classify(message, order_ref=_order_ref(body), charges=charges)
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise VendorRejected("auth_failed", f"status {answer.status_code}")
    if not answer.is_success:
        raise lost("broken", f"status {answer.status_code}", charges=charges)
    return body


def classify(message: str, *, order_ref: str | None = None, charges: bool) -> VendorError:
    """The vendor's sentence as one of the three errors."""
    detail, text = message[:DETAIL_LENGTH_MAX], message.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if LOCKED_FOR_FUNDS in text:
        return NoFunds(detail, order_ref=order_ref)
    if any(words in text for words in _BUSY):
        return VendorUnavailable("busy", detail)
    if _DONE_BEFORE in text:
        return VendorUnknown("already_renewed", detail)
    for words, reason in _REJECTIONS:
        if words in text:
            return VendorRejected(reason, detail, _plain_field(text))
    if _CUSTOMER_NOT_FOUND.search(text):
        return VendorRejected("not_ours", detail)
    if text.startswith("{"):
        return VendorRejected("invalid", detail, _map_fields(message))
    return lost("unclassified", detail, charges=charges)


def lost(reason: str, detail: str, *, charges: bool) -> VendorError:
    """A charge whose outcome cannot be read may have been made; anything else may simply be asked again."""
    return VendorUnknown(reason, detail) if charges else VendorUnavailable(reason, detail)


def read_field(body: Any, name: str, parse: Callable[[str], T | None]) -> T | None:
    """Every field may be missing or malformed, and every value is a string."""
    value = body.get(name) if isinstance(body, dict) else None
    return None if value is None or value == "" else parse(str(value))


def _unparsable(answer: httpx.Response, *, charges: bool) -> VendorError:
    """The whitelist answers in plain text or not at all, before the request has reached the API."""
    if answer.status_code == httpx.codes.FORBIDDEN:
        return VendorRejected("not_allowed", "our address is not on the registrar's list")
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return VendorRejected("auth_failed", f"status {answer.status_code}")
    detail = f"status {answer.status_code}, {answer.headers.get('content-type', 'no type')}, {len(answer.content)} bytes"
    return lost("unparsable", detail, charges=charges)


def _complaint(body: Any) -> str | None:
    """The message of an error in whichever of its shapes; `"error": "NoError"` is a success."""
    if not isinstance(body, dict) or str(body.get("status", "")).lower() not in ("error", "failed"):
        return None
    if body.get("error") == "NoError":
        return None
    words = (body.get(field) for field in ("message", "error", "actionstatusdesc", "actionstatus"))
    return str(next((word for word in words if word), "the registrar gives no reason"))


def _order_ref(body: dict[str, Any]) -> str | None:
    return read_field(body, "entityid", str)


def _map_fields(message: str) -> dict[str, str]:
    """A Java map printed into a string: `{registrantcontactid=registrantcontactid is invalid, ns=…}`."""
    return {_FIELDS.get(name.lower(), name.lower()): words.strip() for name, words in _MAP_ENTRY.findall(message)}


def _plain_field(text: str) -> dict[str, str]:
    if "is not a valid nameserver" in text:
        return {"nameservers": text[:DETAIL_LENGTH_MAX]}
    _, asked, parameter = text.partition("required parameter missing:")
    name = parameter.strip().replace("-", "")
    return {_FIELDS.get(name, name): "missing"} if asked else {}


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdigit() else None
