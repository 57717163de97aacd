"""Routes of tax, all for staff. What customers see of their tax id is a route of the process `taxation`, which knows their profile."""

from nextbill.capabilities.tax.http.book import router as book_router
from nextbill.capabilities.tax.http.buyers import router as buyers_router
from nextbill.capabilities.tax.http.choices import router as choices_router

__all__ = ["book_router", "buyers_router", "choices_router"]
