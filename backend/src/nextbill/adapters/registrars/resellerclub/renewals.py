"""Renewing a name. The vendor wants the end that it has itself (`exp-date`, to the second) and refuses another one: so it is read just before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from nextbill.adapters.registrars.resellerclub.answers import LOCKED_FOR_FUNDS, read_field
from nextbill.adapters.registrars.resellerclub.client import Client, Parameter
from nextbill.adapters.registrars.resellerclub.details import details_of, paid_by, parse_moment
from nextbill.capabilities.domains.ports import Renewal
from nextbill.runtime.vendors import VendorError, VendorRejected, VendorUnavailable, VendorUnknown

LAPSED: Final = frozenset({"Pending Delete Restorable", "QueuedForDeletion"})
GONE: Final = frozenset({"Deleted", "Archived"})
_KIND: Final = "RenewDomain"
SAME: Final = timedelta(days=1)
"""So far the vendor's day may be from ours and mean the same end: a zone that is left out, an hour that a registry has moved."""
RENEWED: Final = timedelta(days=180)
"""A renewal adds a year at least; what was moved by less was moved by somebody for another reason."""


async def renew(api: Client, name: str, *, years: int, expires_on: date, currency: str) -> Renewal:
    body = await details_of(api, name)
    before = seen(body, expires_on=expires_on)
    if before is not None:
        return before
    try:
        receipt = await api.charge("domains/renew", _parameters(body, years))
    except VendorRejected as refusal:
        if "expdate" in refusal.fields:  # the end has moved since it was read: perhaps by an earlier call of ours
            raise VendorUnknown("expiry_moved", refusal.detail) from refusal
        raise
    cost = paid_by(receipt, currency)
    try:
        after = seen(await details_of(api, name), expires_on=expires_on)
    except VendorError:
        after = None  # the deed is accepted; the look that follows a pending answer tells the new end
    return replace(after or Renewal("pending", expires_on, detail="the new end is not shown yet"), cost=cost)


def seen(body: Any, *, expires_on: date) -> Renewal | None:
    """What the vendor's details say of a renewal from that day: None where none was made and none is under way."""
    status, end = str(body.get("currentstatus", "")), read_field(body, "endtime", parse_moment)
    if status in GONE:
        raise VendorRejected("not_ours", f"the order is {status}")
    if end is not None and end.date() - expires_on >= RENEWED:
        return Renewal("renewed", end.date())
    if status in LAPSED:
        raise VendorRejected("lapsed", f"the order is {status}: it can only be restored")
    words = f"{body.get('actionstatus', '')} {body.get('actionstatusdesc', '')}".strip()
    if body.get("actiontype") == _KIND:
        return Renewal("pending", expires_on, waiting_for_funds=LOCKED_FOR_FUNDS in words.lower(), detail=words)
    if end is None:
        raise VendorUnavailable("unparsable", "the details tell no end")
    if abs(end.date() - expires_on) > SAME:
        raise VendorRejected("expiry_differs", f"the registrar's end is {end.date().isoformat()}, ours {expires_on.isoformat()}")
    return None


def _parameters(body: Any, years: int) -> list[Parameter]:
    """We bill the customer and we renew, so the vendor does neither."""
    order_ref = read_field(body, "orderid", str) or read_field(body, "entityid", str)
    if order_ref is None:
        raise VendorUnavailable("unparsable", "the details name no order")
    return [
        ("order-id", order_ref),
        ("years", str(years)),
        ("exp-date", str(body["endtime"])),
        ("auto-renew", "false"),
        ("invoice-option", "NoInvoice"),
        ("purchase-privacy", "false"),
    ]
