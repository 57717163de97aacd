"""Why something cannot be sold as asked."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Invalid


class UnknownPlan(Invalid):
    code: ClassVar[str] = "unknown_plan"
    title: ClassVar[str] = "There is no such plan on sale"

    def __init__(self, plan_code: str) -> None:
        super().__init__(fields={"plan_code": "not a plan on sale: see GET /api/v1/plans"}, plan_code=plan_code[:64])


class CycleNotOffered(Invalid):
    code: ClassVar[str] = "cycle_not_offered"
    title: ClassVar[str] = "The plan is not sold for this billing cycle"

    def __init__(self, plan_code: str) -> None:
        super().__init__(fields={"cycle": "not a cycle of this plan: see its prices in GET /api/v1/plans"}, plan_code=plan_code)


class NotOnSale(Invalid):
    code: ClassVar[str] = "tld_not_on_sale"
    title: ClassVar[str] = "Names with this ending are not sold here"

    def __init__(self, tld: str) -> None:
        super().__init__(f"Names ending in .{tld} are not sold here.", fields={"name": "choose an ending from GET /api/v1/tlds"}, tld=tld)


class YearsNotOffered(Invalid):
    code: ClassVar[str] = "years_not_offered"
    title: ClassVar[str] = "The name cannot be had for so many years"

    def __init__(self, tld: str, *, least: int, most: int) -> None:
        super().__init__(fields={"years": f"{least} to {most} for .{tld}"}, tld=tld)


class PriceNotInCurrency(Invalid):
    code: ClassVar[str] = "price_not_in_currency"
    title: ClassVar[str] = "This has no price in the currency asked for"

    def __init__(self, currency: str) -> None:
        super().__init__(fields={"currency": "not a currency of this price list"}, currency=currency[:3])
