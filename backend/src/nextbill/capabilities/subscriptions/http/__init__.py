"""Routes of subscriptions: their owners' and staff's."""

from __future__ import annotations

from nextbill.capabilities.subscriptions.http.routes import router
from nextbill.capabilities.subscriptions.http.staff import create_router
from nextbill.capabilities.subscriptions.http.staff import router as staff_router

__all__ = ["create_router", "router", "staff_router"]
