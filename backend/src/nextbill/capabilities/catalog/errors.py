"""Why something cannot be sold as asked."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, Invalid, NotFound


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


class OutOfStock(Invalid):
    code: ClassVar[str] = "out_of_stock"
    title: ClassVar[str] = "There are not so many of it left"


class UnknownAddon(Invalid):
    code: ClassVar[str] = "unknown_addon"
    title: ClassVar[str] = "This add-on is not sold with this plan"


class UnknownOption(Invalid):
    code: ClassVar[str] = "unknown_option"
    title: ClassVar[str] = "This option is not offered with this plan"


class OptionNotPossible(Invalid):
    code: ClassVar[str] = "option_not_possible"
    title: ClassVar[str] = "The option cannot be chosen so"


class CouponRefused(Invalid):
    """Base of every reason against a coupon. The field is `coupon`."""

    code: ClassVar[str] = "coupon_unknown"
    title: ClassVar[str] = "There is no such coupon"


class CouponNotYet(CouponRefused):
    code: ClassVar[str] = "coupon_not_yet"
    title: ClassVar[str] = "The coupon does not hold yet"


class CouponExpired(CouponRefused):
    code: ClassVar[str] = "coupon_expired"
    title: ClassVar[str] = "The coupon has expired"


class CouponUsedUp(CouponRefused):
    code: ClassVar[str] = "coupon_used_up"
    title: ClassVar[str] = "The coupon has been used up"


class CouponUsedBefore(CouponRefused):
    code: ClassVar[str] = "coupon_used_before"
    title: ClassVar[str] = "You have used this coupon already"


class CouponForNewCustomers(CouponRefused):
    code: ClassVar[str] = "coupon_for_new_customers"
    title: ClassVar[str] = "The coupon is for new customers"


class CouponNotForThis(CouponRefused):
    code: ClassVar[str] = "coupon_not_for_this"
    title: ClassVar[str] = "The coupon is for nothing in this cart"


class CouponBelowMinimum(CouponRefused):
    code: ClassVar[str] = "coupon_below_minimum"
    title: ClassVar[str] = "The cart is too small for this coupon"


class CouponNotInCurrency(CouponRefused):
    code: ClassVar[str] = "coupon_not_in_currency"
    title: ClassVar[str] = "The coupon does not hold in this currency"


COUPON_REFUSALS: tuple[type[CouponRefused], ...] = (
    CouponRefused,
    CouponNotYet,
    CouponExpired,
    CouponUsedUp,
    CouponUsedBefore,
    CouponForNewCustomers,
    CouponNotForThis,
    CouponBelowMinimum,
    CouponNotInCurrency,
)
_COUPON_BY_CODE = {refusal.code: refusal for refusal in COUPON_REFUSALS}


def coupon_problem(code: str) -> CouponRefused:
    kind = _COUPON_BY_CODE[code]
    return kind(fields={"coupon": "not taken: the title says why"})


class CodeTaken(Conflict):
    code: ClassVar[str] = "catalog_code_taken"
    title: ClassVar[str] = "Something else has this code already"


class CatalogNotFound(NotFound):
    code: ClassVar[str] = "catalog_not_found"
    title: ClassVar[str] = "The catalog has no such thing"


class PriceForYesterday(Invalid):
    code: ClassVar[str] = "price_in_the_past"
    title: ClassVar[str] = "A price holds from today or a later day on"

    def __init__(self) -> None:
        super().__init__(fields={"valid_from": "today or later: what was sold keeps the price that it was sold at"})


class NotForThisKind(Invalid):
    code: ClassVar[str] = "not_for_this_kind"
    title: ClassVar[str] = "This kind of product cannot have that"
