"""Refusals of orders, as facts. Fields are named by their path in the request: `items.0.domain.name`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from nextbill.capabilities import catalog
from nextbill.kernel.errors import Conflict, Invalid, NotFound


class OrderNotFound(NotFound):
    code: ClassVar[str] = "order_not_found"
    title: ClassVar[str] = "There is no such order"


class KeyOfAnotherCart(Conflict):
    """An order keeps its key for ever; the stored answer to it is pruned after a day."""

    code: ClassVar[str] = "idempotency_key_reused"
    title: ClassVar[str] = "This Idempotency-Key ordered another cart before"


class CartInvalid(Invalid):
    """Several kinds of fault at once; a cart with one kind gets that kind's own code."""

    code: ClassVar[str] = "cart_invalid"
    title: ClassVar[str] = "Some items cannot be ordered as they are"


class EmptyCart(CartInvalid):
    code: ClassVar[str] = "empty_cart"
    title: ClassVar[str] = "The cart is empty"


class CartTooLarge(CartInvalid):
    code: ClassVar[str] = "cart_too_large"
    title: ClassVar[str] = "The cart has too many items"


class BadDomain(CartInvalid):
    code: ClassVar[str] = "bad_domain_name"
    title: ClassVar[str] = "This is not a domain name"


class DuplicateDomain(CartInvalid):
    code: ClassVar[str] = "duplicate_domain"
    title: ClassVar[str] = "A name is in the cart twice"


class UnknownPlanInCart(CartInvalid):
    code: ClassVar[str] = "unknown_plan"
    title: ClassVar[str] = "There is no such plan on sale"


class CycleNotOffered(CartInvalid):
    code: ClassVar[str] = "cycle_not_offered"
    title: ClassVar[str] = "The plan is not sold for this billing cycle"


class TldNotOnSale(CartInvalid):
    code: ClassVar[str] = "tld_not_on_sale"
    title: ClassVar[str] = "Names with this ending are not sold here"


class YearsNotOffered(CartInvalid):
    code: ClassVar[str] = "years_not_offered"
    title: ClassVar[str] = "The name cannot be had for so many years"


class WrongCurrency(CartInvalid):
    code: ClassVar[str] = "price_not_in_currency"
    title: ClassVar[str] = "This has no price in the currency asked for"


class UnknownAddonInCart(CartInvalid):
    code: ClassVar[str] = catalog.UnknownAddon.code
    title: ClassVar[str] = catalog.UnknownAddon.title


class UnknownOptionInCart(CartInvalid):
    code: ClassVar[str] = catalog.UnknownOption.code
    title: ClassVar[str] = catalog.UnknownOption.title


class OptionNotPossibleInCart(CartInvalid):
    code: ClassVar[str] = catalog.OptionNotPossible.code
    title: ClassVar[str] = catalog.OptionNotPossible.title


class SoldOut(CartInvalid):
    code: ClassVar[str] = catalog.OutOfStock.code
    title: ClassVar[str] = catalog.OutOfStock.title


class PriceChanged(Conflict):
    """`total_minor` and `currency` say what it costs now."""

    code: ClassVar[str] = "price_changed"
    title: ClassVar[str] = "The cart costs something else by now"


class AddressNeeded(Invalid):
    code: ClassVar[str] = "address_needed"
    title: ClassVar[str] = "An address is needed before ordering"


class ConsentMissing(Invalid):
    code: ClassVar[str] = "consent_missing"
    title: ClassVar[str] = "The terms must be accepted"


class OrderNotPayable(Conflict):
    code: ClassVar[str] = "order_not_payable"
    title: ClassVar[str] = "This order has been paid or cancelled"


class LineNotRefused(Conflict):
    code: ClassVar[str] = "line_not_refused"
    title: ClassVar[str] = "Another name can be chosen only for one that was refused"


class OrderNotCancellable(Conflict):
    code: ClassVar[str] = "order_not_cancellable"
    title: ClassVar[str] = "The present state of the order does not allow cancelling"


CART_PROBLEMS: tuple[type[CartInvalid], ...] = (
    CartInvalid,
    EmptyCart,
    CartTooLarge,
    BadDomain,
    DuplicateDomain,
    UnknownPlanInCart,
    CycleNotOffered,
    TldNotOnSale,
    YearsNotOffered,
    WrongCurrency,
    UnknownAddonInCart,
    UnknownOptionInCart,
    OptionNotPossibleInCart,
    SoldOut,
)
_BY_CODE: dict[str, type[Invalid]] = {problem.code: problem for problem in (*CART_PROBLEMS, *catalog.COUPON_REFUSALS)}


def cart_problem(faults: Sequence[tuple[str, str, str]]) -> Invalid:
    """All faults (code, field, message) in one answer, so that a form can show them together."""
    codes = {code for code, _, _ in faults}
    kind = _BY_CODE.get(next(iter(codes)), CartInvalid) if len(codes) == 1 else CartInvalid
    return kind(fields={field: message for _, field, message in faults})
