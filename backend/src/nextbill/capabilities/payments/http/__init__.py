"""Routes of payments; also `POST /orders/{order_id}/pay`, which is an intent by another name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import APIRouter

from nextbill.capabilities.payments.http import intents, methods, records, refunds, webhooks
from nextbill.capabilities.payments.http.desk import Course, Desk, FindPayable, FindPurchase, Purchase
from nextbill.capabilities.payments.http.pages import make_pages
from nextbill.capabilities.payments.ports import Gateway
from nextbill.capabilities.payments.queries import Attempt
from nextbill.runtime.web.context import Context


def make_checkout(gateway: Gateway, *, find_payable: FindPayable) -> Callable[[Context, UUID, UUID, str], Awaitable[Attempt]]:
    """Opens the payment page of (payable, customer) for who holds a key of another kind than a login, and leads back to a path of the portal."""
    desk = Desk(gateway, find_payable)

    async def start(ctx: Context, payable_id: UUID, customer_id: UUID, return_path: str) -> Attempt:
        return await intents.start(ctx, desk, payable_id, customer_id, return_path=return_path)

    return start


def make_router(gateway: Gateway, *, find_payable: FindPayable) -> APIRouter:
    """`find_payable` tells what is to be paid for an order or an invoice; payments knows neither."""
    desk = Desk(gateway, find_payable)
    router = APIRouter()
    for part in (webhooks, intents, methods, refunds, records):  # records last: its /{payment_id} would take the others' words for an id
        router.include_router(part.make_router(desk))
    return router


__all__ = ["Course", "FindPayable", "FindPurchase", "Purchase", "make_checkout", "make_pages", "make_router"]
