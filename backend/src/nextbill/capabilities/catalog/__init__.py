"""What is on sale and at which price."""

from nextbill.capabilities.catalog.commands import seed_catalog, set_plan_price
from nextbill.capabilities.catalog.errors import CycleNotOffered, NotOnSale, PriceNotInCurrency, UnknownPlan, YearsNotOffered
from nextbill.capabilities.catalog.queries import (
    DomainOffer,
    Plan,
    PlanOffer,
    PlanPrice,
    TldPrice,
    get_plan,
    list_plans,
    list_tlds,
    price_domain,
    price_plan,
)
from nextbill.capabilities.catalog.rules import DOMAIN, HOSTING, MONTHLY, YEARLY, DomainOperation

__all__ = [
    "DOMAIN",
    "HOSTING",
    "MONTHLY",
    "YEARLY",
    "CycleNotOffered",
    "DomainOffer",
    "DomainOperation",
    "NotOnSale",
    "Plan",
    "PlanOffer",
    "PlanPrice",
    "PriceNotInCurrency",
    "TldPrice",
    "UnknownPlan",
    "YearsNotOffered",
    "get_plan",
    "list_plans",
    "list_tlds",
    "price_domain",
    "price_plan",
    "seed_catalog",
    "set_plan_price",
]
