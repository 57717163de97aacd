"""Routes: customers' own documents and credit, what staff does with them, and links that pay without a login."""

from __future__ import annotations

from fastapi import APIRouter

from nextbill.capabilities.invoicing.http import credit, customer, drafts, lists, pay_links, paying, staff
from nextbill.capabilities.invoicing.http.pay_links import StartCheckout, Till, make_pages

__all__ = ["StartCheckout", "Till", "make_pages", "make_router"]


def make_router(till: Till) -> APIRouter:
    """Staff's figures before the routes that take their words for an id."""
    router = APIRouter()
    for part in (
        staff.router,
        drafts.router,
        paying.router,
        pay_links.make_router(till),
        customer.router,
        credit.router,
        lists.router,
        credit.staff_router,
    ):
        router.include_router(part)
    return router
