"""Routes: customers' own documents, and staff's view of all."""

from nextbill.capabilities.invoicing.http.customer import router
from nextbill.capabilities.invoicing.http.staff import admin_router, staff_router

__all__ = ["admin_router", "router", "staff_router"]
