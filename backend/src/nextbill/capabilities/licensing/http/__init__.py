"""Routes of licensing: owners', staff's, panels'."""

from nextbill.capabilities.licensing.http.documented import describe_panels
from nextbill.capabilities.licensing.http.owner import make_router
from nextbill.capabilities.licensing.http.panels import make_panel_routes
from nextbill.capabilities.licensing.http.staff import make_staff_router
from nextbill.capabilities.licensing.http.usage import make_usage_router

__all__ = ["describe_panels", "make_panel_routes", "make_router", "make_staff_router", "make_usage_router"]
