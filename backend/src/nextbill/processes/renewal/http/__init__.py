"""Billing runs for staff; renewals of names for their holders and for staff."""

from nextbill.processes.renewal.http.names import router as names_router
from nextbill.processes.renewal.http.names import staff_router as names_staff_router
from nextbill.processes.renewal.http.runs import router

__all__ = ["names_router", "names_staff_router", "router"]
