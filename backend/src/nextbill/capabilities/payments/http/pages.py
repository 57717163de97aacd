"""The page that a customer's browser comes back to from the gateway. It tells whether the money arrived.

No login is asked for: the attempt's id is 62 random bits, and the page shows a state, an amount and an order's number, nothing of a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from nextbill.capabilities.payments import queries
from nextbill.capabilities.payments.errors import PaymentNotFound
from nextbill.capabilities.payments.http.desk import FindPurchase, Purchase
from nextbill.capabilities.payments.queries import Attempt, Payable
from nextbill.kernel.money import Money, total
from nextbill.runtime.database import Role
from nextbill.runtime.web import language
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.page import PageRoute, Templates

Case = Literal[
    "paid",
    "returned",
    "returning",
    "surplus",
    "checking",
    "declined",
    "pending",
    "opening",
    "parked",
    "closed",
    "cancelled",
    "paid_otherwise",
    "not_opened",
]
OFTEN_SECONDS, RARELY_SECONDS = 4, 60
IMPATIENT, FORGOTTEN = timedelta(minutes=10), timedelta(hours=12)
_templates = Templates(Path(__file__).with_name("templates"))
_DECLINES = {
    "insufficient_funds": "Your card has not enough funds for this payment.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "The security code was not the card's.",
    "invalid_cvc": "The security code was not the card's.",
    "incorrect_number": "The card's number was not right.",
    "invalid_expiry_month": "The card's expiry date was not right.",
    "invalid_expiry_year": "The card's expiry date was not right.",
    "authentication_required": "Your bank wants this payment to be confirmed, and it was not.",
    "payment_intent_authentication_failure": "Your bank asked for a confirmation, and did not get it.",
    "processing_error": "Something failed while the card was read.",
}
# The other reasons (lost, stolen, suspected fraud) are between the bank and the card's holder, who may not be the one at the screen.
_DECLINED = "Your card was declined by your bank."


def make_pages(*, find_purchase: FindPurchase) -> APIRouter:
    """`find_purchase` tells which order was paid; payments knows none."""
    router = APIRouter(default_response_class=HTMLResponse, route_class=PageRoute)

    @router.get("/payments", response_class=HTMLResponse)
    async def show_payment(ctx: Ctx, payment: Annotated[str, Query()] = "") -> HTMLResponse:
        """Reads what we know; the gateway was asked on the way here, and tells us by itself when something happens."""
        try:
            async with ctx.database.reading(Role.WORK) as tx:
                attempt = await queries.get_attempt(tx, _id(payment))
                payable = await queries.get_payable(tx, attempt.payable_id)
                sent = [refund.amount for refund in await queries.refunds_of(tx, attempt.id) if refund.state == "succeeded"]
                purchase = await find_purchase(tx, payable.reference_type, payable.reference_id)
        except PaymentNotFound:
            return _templates.page("unknown_payment.html.j2", ctx.settings, status=404)
        return _page(ctx, attempt, payable, purchase, returned=total(sent, attempt.amount.currency))

    return router


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise PaymentNotFound from None


def _page(ctx: Context, attempt: Attempt, payable: Payable, purchase: Purchase | None, *, returned: Money) -> HTMLResponse:
    case = _case(attempt, payable, returned=returned)
    return _templates.page(
        "payment.html.j2",
        ctx.settings,
        refresh=_refresh(case, attempt, purchase, now=ctx.clock.now()),
        case=case,
        amount=attempt.amount.format(language.current()),
        returned=returned.format(language.current()) if returned else None,
        purchase=purchase,
        why=_DECLINES.get(attempt.error or "", _DECLINED),
        checkout_url=attempt.checkout_url if payable.state == "open" else None,
        ask_again=f"/api/v1/payments/return?attempt={attempt.id}",
    )


def _case(attempt: Attempt, payable: Payable, *, returned: Money) -> Case:
    if attempt.state == "succeeded":
        return _of_money(attempt, returned=returned)
    if attempt.state == "quarantined":
        return "checking"
    if payable.state != "open":
        return "cancelled" if payable.state == "cancelled" else "paid_otherwise"
    return _of_no_money(attempt)


def _of_money(attempt: Attempt, *, returned: Money) -> Case:
    """`attempt.refunded` counts what was promised too; `returned` is what the gateway has sent."""
    if returned and returned >= attempt.paid:
        return "returned"
    if attempt.surplus:
        return "surplus"
    return "returning" if attempt.refunded and attempt.refunded >= attempt.paid else "paid"


def _of_no_money(attempt: Attempt) -> Case:
    if attempt.state == "open":
        return "declined" if attempt.error else "pending"
    if attempt.state == "failed" and attempt.session_ref is None:
        return "not_opened"
    cases: dict[str, Case] = {"requested": "opening", "parked": "parked"}
    return cases.get(attempt.state, "closed")


def _refresh(case: Case, attempt: Attempt, purchase: Purchase | None, *, now: datetime) -> int | None:
    """Seconds, while something is about to change by itself."""
    if case in ("pending", "opening", "declined"):
        return _pause(since=attempt.requested_at, now=now)
    if case == "paid" and purchase is not None and purchase.course in ("delivering", "unconfirmed"):
        return _pause(since=attempt.finished_at or now, now=now)
    return None


def _pause(*, since: datetime, now: datetime) -> int | None:
    """Often at first, then now and then; in the end somebody has forgotten the page open, and it stops."""
    waited = now - since
    if waited < IMPATIENT:
        return OFTEN_SECONDS
    return RARELY_SECONDS if waited < FORGOTTEN else None
