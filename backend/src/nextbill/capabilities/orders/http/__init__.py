"""Routes of orders."""

from nextbill.capabilities.orders.http.routes import router

__all__ = ["router"]
