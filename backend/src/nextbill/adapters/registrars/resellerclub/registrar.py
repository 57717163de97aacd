"""The `Registrar` port over the LogicBoxes API."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Any

import httpx

from nextbill.adapters.registrars.resellerclub import handles, renewals
from nextbill.adapters.registrars.resellerclub.answers import LOCKED_FOR_FUNDS, read_field
from nextbill.adapters.registrars.resellerclub.client import Client, Parameter
from nextbill.adapters.registrars.resellerclub.details import details_of, paid_by, parse_amount, parse_moment, rounded
from nextbill.adapters.registrars.resellerclub.endings import contact_parameters, contact_type
from nextbill.capabilities.domains.ports import (
    Availability,
    AvailabilityStatus,
    Handles,
    RegisterDomain,
    Registrant,
    Registration,
    RegistrationState,
    Renewal,
)
from nextbill.kernel.domain_name import DomainName
from nextbill.kernel.money import Money
from nextbill.runtime.vendors import VendorError, VendorRejected, VendorUnavailable, VendorUnknown

LABELS_A_CALL = 5
"""With more names at once some registries answer `unknown`."""

NAMESERVERS_MAX = 13
_STATUSES: dict[str, AvailabilityStatus] = {"available": "available", "regthroughus": "taken", "regthroughothers": "taken"}
_STATES: dict[str, RegistrationState] = {
    "Active": "active",
    "Suspended": "active",
    "Pending Delete Restorable": "lapsed",
    "QueuedForDeletion": "lapsed",
}
_GONE = ("Deleted", "Archived")


class ResellerClub:
    """One reseller account, whose money is in `currency`. Holds at most two connections at a time."""

    def __init__(self, client: httpx.AsyncClient, *, base_url: str, user_id: str, api_key: str, currency: str) -> None:
        self._api = Client(client, base_url=base_url, user_id=user_id, api_key=api_key)
        self._user_id = user_id
        self._currency = currency

    async def check(self, names: Sequence[str]) -> list[Availability]:
        parsed = {name: DomainName.parse(name) for name in names}
        answers: dict[str, Any] = {}
        for labels, tlds in _batches(parsed.values()):
            pairs: list[Parameter] = [*(("domain-name", label) for label in labels), *(("tlds", tld) for tld in tlds)]
            body = await self._api.read("domains/available", pairs)
            answers |= body if isinstance(body, dict) else {}
        return [self._availability(name, answers.get(parsed[name].ascii)) for name in names]

    async def prepare(self, registrant: Registrant, name: str) -> Handles:
        return await handles.prepare(self._api, registrant, contact_type=contact_type(DomainName.parse(name).tld))

    async def register(self, order: RegisterDomain) -> Registration:
        try:
            receipt = await self._api.charge("domains/register", _register_parameters(order))
        except (VendorRejected, VendorUnavailable) as refusal:
            if refusal.reason in ("taken", "busy"):
                await self._insist_that_it_is_not_ours(order.name, refusal)
            raise
        order_ref = read_field(receipt, "entityid", str)
        if order_ref is None:
            raise VendorUnknown("unparsable", "the receipt names no order")
        return await self._confirmed(order, order_ref, receipt=receipt)

    async def find(self, name: str) -> Registration | None:
        try:
            return self._registration(await details_of(self._api, name))
        except VendorRejected as refusal:
            if refusal.reason == "not_ours":
                return None
            raise

    async def renew(self, name: str, *, years: int, expires_on: date) -> Renewal:
        return await renewals.renew(self._api, name, years=years, expires_on=expires_on, currency=self._currency)

    async def find_renewal(self, name: str, *, expires_on: date) -> Renewal | None:
        return renewals.seen(await details_of(self._api, name), expires_on=expires_on)

    async def balance(self) -> Money:
        body = await self._api.read("billing/reseller-balance", [("reseller-id", self._user_id)])
        amount = read_field(body, "sellingcurrencybalance", parse_amount)
        if amount is None:
            raise VendorUnavailable("unparsable", "the answer holds no balance")
        locked = read_field(body, "sellingcurrencylockedbalance", parse_amount) or Decimal(0)
        return rounded(amount - locked, read_field(body, "sellingcurrencysymbol", str) or self._currency, rounding=ROUND_DOWN)

    async def _insist_that_it_is_not_ours(self, name: str, refusal: VendorError) -> None:
        """An earlier call of ours, whose answer was lost, makes the vendor refuse with the same words as a rival's registration."""
        try:
            found = await self.find(name)
        except VendorError as error:
            raise VendorUnknown("unconfirmed", refusal.detail) from error
        if found is not None and found.state in ("active", "pending"):
            raise VendorUnknown("already_ours", refusal.detail) from refusal

    async def _confirmed(self, order: RegisterDomain, order_ref: str, *, receipt: dict[str, Any]) -> Registration:
        """The receipt tells neither the end nor, surely, whether the registry has finished: ask. The deed is done in any case."""
        paid = paid_by(receipt, self._currency)
        state: RegistrationState = "active" if receipt.get("actionstatus") == "Success" else "pending"
        by_receipt = Registration(state, order_ref, cost=paid, customer_ref=order.handles.customer_ref)
        try:
            found = await self.find(order.name)
        except (VendorRejected, VendorUnavailable):
            return by_receipt
        if found is None or found.registrar_ref != order_ref:
            return by_receipt
        return replace(found, state="active" if found.state == "active" else "pending", cost=paid)

    def _availability(self, name: str, entry: Any) -> Availability:
        """A pair that is missing from the reply is unknown, and so is every status that we have not heard of."""
        if not isinstance(entry, dict):
            return Availability(name, "unknown")
        status = _STATUSES.get(str(entry.get("status")), "unknown")
        costs = entry.get("costHash")
        if status != "available" or not costs:
            return Availability(name, status)
        create = read_field(costs, "create", parse_amount)
        currency = read_field(costs, "sellingCurrencySymbol", str) or self._currency
        return Availability(name, "premium", None if create is None else rounded(create, currency, rounding=ROUND_UP))

    def _registration(self, body: Any) -> Registration | None:
        order_ref = read_field(body, "orderid", str) or read_field(body, "entityid", str)
        if order_ref is None:
            raise VendorUnavailable("unparsable", "the details name no order")
        status = str(body.get("currentstatus", ""))
        if status in _GONE:
            return None
        end = read_field(body, "endtime", parse_moment)
        words = f"{body.get('actionstatus', '')} {body.get('actionstatusdesc', '')}".strip()
        locked = LOCKED_FOR_FUNDS in words.lower()
        servers = (read_field(body, f"ns{number}", str) for number in range(1, NAMESERVERS_MAX + 1))
        return Registration(
            state=_STATES.get(status) or _unfinished(status, words, ended=end is not None, locked=locked),
            registrar_ref=order_ref,
            expires_on=None if end is None else end.date(),
            customer_ref=read_field(body, "customerid", str),
            created_at=read_field(body, "creationtime", parse_moment),
            nameservers=tuple(server for server in servers if server),
            waiting_for_funds=locked and status != "Active",
            detail=words,
        )


def _batches(names: Iterable[DomainName]) -> list[tuple[list[str], list[str]]]:
    """The vendor answers labels times endings: labels that are asked with the same endings share a call."""
    endings: dict[str, list[str]] = {}
    for name in names:
        tlds = endings.setdefault(name.label, [])
        if name.tld not in tlds:
            tlds.append(name.tld)
    labels: dict[tuple[str, ...], list[str]] = {}
    for label, tlds in endings.items():
        labels.setdefault(tuple(tlds), []).append(label)
    return [
        (chunk, list(tlds))
        for tlds, together in labels.items()
        for chunk in (together[at : at + LABELS_A_CALL] for at in range(0, len(together), LABELS_A_CALL))
    ]


def _register_parameters(order: RegisterDomain) -> list[Parameter]:
    """We bill the customer and we renew, so the vendor does neither."""
    name = DomainName.parse(order.name)
    return [
        ("domain-name", name.ascii),
        ("years", str(order.years)),
        *(("ns", server) for server in order.nameservers),
        ("customer-id", order.handles.customer_ref),
        *contact_parameters(name.tld, order.handles.contact_ref),
        ("invoice-option", "NoInvoice"),
        ("auto-renew", "false"),
        ("purchase-privacy", "false"),
        ("protect-privacy", "false"),
    ]


def _unfinished(status: str, words: str, *, ended: bool, locked: bool) -> RegistrationState:
    """An order that is not active. One that is locked for want of money says Failed too, yet the vendor will complete it."""
    if status == "InActive":
        return "failed" if words.lower().startswith(("failed", "cancel")) and not locked else "pending"
    return "active" if ended else "pending"
