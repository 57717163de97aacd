"""Routes of payments; also `POST /orders/{order_id}/pay`, which is an intent by another name."""

from __future__ import annotations

from fastapi import APIRouter

from nextbill.capabilities.payments.http import intents, records, refunds, webhooks
from nextbill.capabilities.payments.http.desk import Course, Desk, FindPayable, FindPurchase, Purchase
from nextbill.capabilities.payments.http.pages import make_pages
from nextbill.capabilities.payments.ports import PaymentGateway


def make_router(gateway: PaymentGateway, *, find_payable: FindPayable) -> APIRouter:
    """`find_payable` tells what is to be paid for an order or an invoice; payments knows neither."""
    desk = Desk(gateway, find_payable)
    router = APIRouter()
    for part in (webhooks, intents, refunds, records):  # records last: its /{payment_id} would take the others' words for an id
        router.include_router(part.make_router(desk))
    return router


__all__ = ["Course", "FindPayable", "FindPurchase", "Purchase", "make_pages", "make_router"]
