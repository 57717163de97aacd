"""Carts, and how orders and their lines move. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple
from uuid import UUID

from nextbill.kernel.domain_name import BadDomainName, DomainName
from nextbill.kernel.money import Money, MoneyError
from nextbill.kernel.period import Cycle

ORDER, LINE = "orders.order", "orders.line"
"""Types under which others refer to our orders and lines."""

OrderState = Literal["pending", "paid", "completed", "cancelled"]
LineState = Literal["waiting", "requested", "delivered", "refused", "delayed", "parked", "cancelled"]
DomainChoice = Literal["register", "own"]
CustomerStatus = Literal["consumer", "business"]

ORDER_MOVES: Final = {"pending": ("paid", "cancelled"), "paid": ("completed", "cancelled")}
_UNDER_WAY: Final = ("requested", "delivered", "refused", "delayed", "parked", "cancelled")
LINE_MOVES: Final = {
    "waiting": _UNDER_WAY,
    **{state: tuple(to for to in _UNDER_WAY if to != state) for state in ("requested", "refused", "delayed", "parked")},
}
ITEMS_MAX: Final = 20
UNPAID: Final = timedelta(days=7)
"""So long an order waits for its payment, at the prices of its day."""
UNPAID_HOLDING: Final = timedelta(hours=24)
"""One that holds a piece of a stock or a use of a coupon, which others may be waiting for."""


@dataclass(frozen=True, slots=True)
class CartDomain:
    """The main domain of a hosting item: bought with it, or the customer's own already."""

    kind: DomainChoice
    name: str
    years: int = 1


@dataclass(frozen=True, slots=True)
class HostingItem:
    """`addons`: (code, how many); `options`: (code, value's code or None, how many or None)."""

    plan_code: str
    cycle: Cycle
    domain: CartDomain
    addons: tuple[tuple[str, int], ...] = ()
    options: tuple[tuple[str, str | None, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class DomainItem:
    name: str
    years: int = 1


@dataclass(frozen=True, slots=True)
class ProductItem:
    """`cycle` None: charged once."""

    product_code: str
    cycle: Cycle | None
    quantity: int = 1


Item = HostingItem | DomainItem | ProductItem


@dataclass(frozen=True, slots=True)
class Cart:
    """What the customer chose. It carries no price: those are ours."""

    items: Sequence[Item]
    currency: str
    coupon: str | None = None

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of what was chosen, by field names and values: the same for the same choice, whatever the request's bytes were.

        What was not chosen is left out, so that a field which a later version adds changes no older cart's."""
        said = _said({**asdict(self), "coupon": self.coupon.strip().upper() if self.coupon else None})
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).digest()


def _said(value: object) -> object:
    if isinstance(value, dict):
        return {name: _said(inner) for name, inner in value.items() if inner is not None and inner != ()}
    return [_said(inner) for inner in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class Consent:
    """What the customer agreed to at checkout, and from where. `status` as declared there; `immediate_start` is the express wish that delivery begins at once."""

    terms_version: str
    status: CustomerStatus
    immediate_start: bool
    registrar_terms: bool
    address: str
    given_at: datetime


class Fault(NamedTuple):
    """What is wrong with one field of a cart."""

    code: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class ChosenItem:
    """A cart's item with its name read."""

    position: int
    item: Item
    domain: DomainName | None

    @property
    def name(self) -> DomainName:
        """Of hosting and domains; products have none."""
        if self.domain is None:
            raise ValueError("a product has no name")
        return self.domain

    @property
    def path(self) -> str:
        return f"items.{self.position}"

    @property
    def name_path(self) -> str:
        return f"{self.path}.domain.name" if isinstance(self.item, HostingItem) else f"{self.path}.name"

    @property
    def years_path(self) -> str:
        return f"{self.path}.domain.years" if isinstance(self.item, HostingItem) else f"{self.path}.years"

    @property
    def years(self) -> int | None:
        """Years to register, None for a name that the customer has already."""
        if isinstance(self.item, HostingItem):
            return self.item.domain.years if self.item.domain.kind == "register" else None
        return self.item.years if isinstance(self.item, DomainItem) else None


def read_cart(cart: Cart) -> tuple[list[ChosenItem], list[Fault]]:
    """The items with their names, and everything that is wrong."""
    faults: list[Fault] = []
    if not cart.items:
        faults.append(Fault("empty_cart", "items", "add a plan or a domain"))
    if len(cart.items) > ITEMS_MAX:
        faults.append(Fault("cart_too_large", "items", f"at most {ITEMS_MAX} items in one order"))
    try:
        Money.zero(cart.currency)
    except MoneyError:
        faults.append(Fault("price_not_in_currency", "currency", "not a currency: three letters by ISO 4217"))
    chosen: list[ChosenItem] = []
    seen: dict[str, str] = {}
    for position, item in enumerate(cart.items[:ITEMS_MAX]):
        found = _read_item(position, item)
        if isinstance(found, Fault):
            faults.append(found)
        elif found.domain is not None and found.name.ascii in seen:
            faults.append(Fault("duplicate_domain", found.name_path, f"the same name as {seen[found.name.ascii]}: each name once"))
        else:
            if found.domain is not None:
                seen[found.name.ascii] = found.name_path
            chosen.append(found)
    return chosen, faults


def _read_item(position: int, item: Item) -> ChosenItem | Fault:
    if isinstance(item, ProductItem):
        return ChosenItem(position, item, None)
    text, field = (item.domain.name, "domain.name") if isinstance(item, HostingItem) else (item.name, "name")
    try:
        return ChosenItem(position, item, DomainName.parse(text))
    except BadDomainName as error:
        return Fault("bad_domain_name", f"items.{position}.{field}", str(error))


def order_number(year: int, sequence: int) -> str:
    """`ORD-2026-000042`; more digits once six do not suffice."""
    return f"ORD-{year}-{sequence:06d}"


def is_delivered(states: Iterable[str]) -> bool:
    """Complete: nothing is under way, and something was delivered."""
    found = set(states)
    return "delivered" in found and found <= {"delivered", "cancelled"}


StageState = Literal["done", "current", "waiting", "attention", "cancelled"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of an order as its owner sees it. `attention`: somebody has to act."""

    name: str
    state: StageState
    at: datetime | None
    reason: str | None = None
    line_id: UUID | None = None


def line_stage(state: str, *, paid: bool) -> StageState:
    """How a line's state reads in the order's course. `attention`: somebody has to act."""
    if state == "delivered":
        return "done"
    if state == "cancelled":
        return "cancelled"
    if state in ("refused", "parked"):
        return "attention"
    return "current" if paid else "waiting"
