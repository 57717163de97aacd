"""What is paid for goes to the registrar; what nobody pays for, or nobody wants any more, is taken back from its invoice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from nextbill.capabilities import domains, identity, invoicing
from nextbill.processes.renewal.rules import NameDays
from nextbill.runtime.database import ReadTx, Tx

LAPSE: Final = "renewal.lapse"
NOT_PAID: Final = "The domain was not renewed: nobody paid in time."
NOT_WANTED: Final = "The domain is not to be renewed."
NOT_POSSIBLE: Final = "The domain could not be renewed: {reason}"


@dataclass(frozen=True, slots=True)
class By:
    """`customer:ID`, `staff:ID` or `system`, and why, where somebody says so."""

    actor: str
    reason: str | None = None


async def begin_paid(tx: Tx, invoice_id: UUID, *, now: datetime) -> None:
    """Whatever is on the invoice and was not taken back. May be repeated."""
    await drop_credited(tx, invoice_id, now=now)
    await domains.begin_paid(tx, invoice_id, now=now)


async def drop_credited(tx: Tx, invoice_id: UUID, *, now: datetime) -> None:
    """A name whose line was credited whole, by staff or with the whole invoice, is not renewed for it, unless the registrar may have done it already."""
    if not await _waiting(tx, invoice_id):
        return
    left = await invoicing.left_by_line(tx, invoice_id)
    for one in await _waiting(tx, invoice_id):  # once more under its lock: another invoice may have taken its place
        remains = left.get(one.line_id) if one.line_id else None
        if remains is not None and remains.gross:
            continue
        if one.state == "invoiced":
            await domains.take_back(tx, one.id, state="withdrawn", now=now)
        else:
            await domains.end_unsent(tx, one.id, now=now)


async def _waiting(tx: ReadTx, invoice_id: UUID) -> list[domains.RenewalView]:
    """Neither done nor taken back."""
    return [one for one in await domains.renewals_on(tx, invoice_id) if one.state in domains.UNDER_WAY]


async def find_lapsing(tx: ReadTx, *, on: date, days: NameDays, limit: int) -> list[UUID]:
    return await domains.unpaid_since(tx, before=on - timedelta(days=days.grace), limit=limit)


async def lapse(tx: Tx, renewal_id: UUID, *, on: date, days: NameDays, now: datetime) -> None:
    """The grace is over: the name's line comes off its invoice, and money that arrives later is credit. One that was paid meanwhile is renewed."""
    found = await domains.get_renewal(tx, renewal_id)
    if found.state == "invoiced" and found.from_on < on - timedelta(days=days.grace):
        await _take_back(tx, found, "lapsed", reason=NOT_PAID, on=on, now=now)


async def wish(tx: Tx, domain_id: UUID, *, auto_renew: bool | None, apart: bool | None, by: By, on: date, now: datetime) -> None:
    """Whether it is renewed, and on which invoice. Switched off, an unpaid line for it comes off its invoice; what is paid for is renewed all the same."""
    if await domains.set_wish(tx, domain_id, auto_renew=auto_renew, apart=apart, now=now):
        what = {name: value for name, value in (("auto_renew", auto_renew), ("separate_invoice", apart)) if value is not None}
        await _audit(tx, domain_id, "domains.renewal_wished", by=by, detail=what, now=now)
    # Read after the name's lock was had: a run that was billing it meanwhile is through, and its line is seen.
    found = await domains.latest_renewal(tx, domain_id)
    if auto_renew is False and found is not None and found.state == "invoiced":
        await _take_back(tx, found, "withdrawn", reason=NOT_WANTED, on=on, now=now)


async def try_again(tx: Tx, domain_id: UUID, *, by: By, now: datetime) -> None:
    """RenewalNotFound, RenewalNotHeld."""
    await domains.try_again(tx, (await _latest(tx, domain_id)).id, now=now)
    await _audit(tx, domain_id, "domains.renewal_retried", by=by, now=now)


async def give_up(tx: Tx, domain_id: UUID, *, by: By, on: date, now: datetime) -> None:
    """Staff ends what is parked: the price is the customer's credit. RenewalNotFound, RenewalNotHeld, RenewalMayBeDone."""
    found = await _hold_paper(tx, await _latest(tx, domain_id))
    await domains.give_up(tx, found.id, now=now)
    if found.invoice_id is not None and found.line_id is not None:
        reason = NOT_POSSIBLE.format(reason=by.reason or found.reason or "")
        await _credit(tx, found.invoice_id, found.line_id, reason=reason, on=on, now=now)
    await _audit(tx, domain_id, "domains.renewal_given_up", by=by, now=now)


async def _take_back(tx: Tx, found: domains.RenewalView, state: Literal["lapsed", "withdrawn"], *, reason: str, on: date, now: datetime) -> None:
    """The invoice's lock first, as whoever pays it has it: so it is either paid and renewed, or taken back."""
    found = await _hold_paper(tx, found)
    if found.invoice_id is None or found.line_id is None:
        return
    paper = (await invoicing.get_invoice(tx, found.invoice_id)).summary
    if paper.state == "paid":
        await domains.begin_paid(tx, found.invoice_id, now=now)
    elif await domains.take_back(tx, found.id, state=state, now=now):
        await _credit(tx, found.invoice_id, found.line_id, reason=reason, on=on, now=now)


async def _hold_paper(tx: Tx, found: domains.RenewalView) -> domains.RenewalView:
    """It with the lock of the invoice that it is on: another one may have taken the place of the one that was read."""
    while found.invoice_id is not None:
        await invoicing.hold_invoice(tx, found.invoice_id)
        again = await domains.get_renewal(tx, found.id)
        if again.invoice_id == found.invoice_id:
            return again
        found = again
    return found


async def _credit(tx: Tx, invoice_id: UUID, line_id: UUID, *, reason: str, on: date, now: datetime) -> None:
    """What is left of the line: staff may have credited it by hand before, or voided the whole."""
    left = (await invoicing.left_by_line(tx, invoice_id)).get(line_id)
    if left is not None and left.gross:
        await invoicing.credit_note(tx, invoice_id, reason=reason, on=on, now=now, lines=[line_id])


async def _latest(tx: ReadTx, domain_id: UUID) -> domains.RenewalView:
    found = await domains.latest_renewal(tx, domain_id)
    if found is None:
        raise domains.RenewalNotFound
    return found


async def _audit(tx: Tx, domain_id: UUID, action: str, *, by: By, detail: dict[str, bool] | None = None, now: datetime) -> None:
    holder = (await domains.get_domain(tx, domain_id)).customer_id
    await identity.audit(
        tx, actor=by.actor, action=action, object_type=domains.DOMAIN, object_id=domain_id, customer_id=holder, reason=by.reason, detail=detail or {}, now=now
    )  # fmt: skip
