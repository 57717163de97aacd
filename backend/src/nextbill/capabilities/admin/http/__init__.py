"""Routes of staff's desk."""

from nextbill.capabilities.admin.http.desk import make_router

__all__ = ["make_router"]
