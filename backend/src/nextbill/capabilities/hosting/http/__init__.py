"""Routes of hosting: a customer's accounts, the welcome link, staff's servers and accounts."""

from nextbill.capabilities.hosting.http.customers import router
from nextbill.capabilities.hosting.http.staff import make_staff_router
from nextbill.capabilities.hosting.http.welcome import welcome_router

__all__ = ["make_staff_router", "router", "welcome_router"]
