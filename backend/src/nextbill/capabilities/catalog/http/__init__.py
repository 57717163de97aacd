"""Routes of the catalog: the shop window, and staff's desk behind it."""

from fastapi import APIRouter

from nextbill.capabilities.catalog.http import coupons, options, plans, tlds
from nextbill.capabilities.catalog.http.shop import router
from nextbill.capabilities.catalog.ports import FindTouched

__all__ = ["make_staff_router", "router"]


def make_staff_router(*, find_touched: FindTouched) -> APIRouter:
    found = APIRouter(prefix="/admin", tags=["catalog"])
    for part in (plans.make_router(find_touched), options.router, coupons.router, tlds.router):
        found.include_router(part)
    return found
