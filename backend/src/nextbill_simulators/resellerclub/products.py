"""The price lists: what a year of each ending costs the reseller, and what its customers would be asked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from nextbill_simulators.resellerclub.envelope import Answer, Call

PREMIUM_COST = Decimal("1850.00")
_MARGIN = Decimal("1.12")


@dataclass(frozen=True)
class Product:
    """Costs of one year, in the reseller's currency. `no_roles`: contact roles the registry does not know, sent as -1."""

    key: str
    register: Decimal
    renew: Decimal
    transfer: Decimal
    restore: Decimal
    contact_type: str = "Contact"
    no_roles: tuple[str, ...] = ()
    privacy: bool = True


def _product(key: str, register: str, renew: str, restore: str, **more: Any) -> Product:
    return Product(key, Decimal(register), Decimal(renew), Decimal(renew), Decimal(restore), **more)


PRODUCTS: dict[str, Product] = {
    "com": _product("domcno", "12.89", "12.89", "92.00"),
    "net": _product("dotnet", "14.69", "14.69", "92.00"),
    "org": _product("domorg", "10.79", "13.49", "88.00"),
    "info": _product("dominfo", "4.99", "24.49", "88.00"),
    "biz": _product("dombiz", "16.99", "21.99", "88.00"),
    "io": _product("dotio", "46.99", "58.99", "130.00"),
    "shop": _product("dotshop", "2.49", "34.99", "95.00"),
    "dev": _product("dotdev", "13.99", "15.99", "95.00"),
    "app": _product("dotapp", "15.99", "17.99", "95.00"),
    "online": _product("dotonline", "2.99", "33.99", "95.00"),
    "co": _product("dotco", "13.49", "31.99", "90.00", contact_type="CoContact"),
    "de": _product("dotde", "6.49", "6.49", "35.00", contact_type="DeContact", privacy=False),
    "at": _product("dotat", "14.99", "14.99", "45.00", contact_type="AtContact", no_roles=("billing",), privacy=False),
    "eu": _product("doteu", "5.99", "7.49", "30.00", contact_type="EuContact", no_roles=("admin", "tech", "billing"), privacy=False),
}
_UNRELATED = {
    "hosting": {"plans": {"1": {"renew": {"12": "4.99"}}}},
    "resellerhosting": {"1": {"12": "19.90"}},
    "digitalcertificate": {"24": {"1": "49.00"}},
}


def reseller_cost_price(_call: Call) -> Answer:
    return _price_list(Decimal(1))


def reseller_price(_call: Call) -> Answer:
    return _price_list(Decimal("1.03"))


def customer_price(_call: Call) -> Answer:
    return _price_list(_MARGIN)


def _price_list(factor: Decimal) -> dict[str, Any]:
    prices: dict[str, Any] = {product.key: _deeds(product, factor) for product in PRODUCTS.values()}
    return {**prices, **_UNRELATED}


def _deeds(product: Product, factor: Decimal) -> dict[str, dict[str, str]]:
    return {
        "addnewdomain": _years(product.register * factor, 10),
        "renewdomain": _years(product.renew * factor, 10),
        "addtransferdomain": _years(product.transfer * factor, 1),
        "restoredomain": _years(product.restore * factor, 1),
    }


def _years(price: Decimal, longest: int) -> dict[str, str]:
    """Each number of years with the price of one year."""
    text = str(price.quantize(Decimal("0.01"), ROUND_UP))
    return {str(years): text for years in range(1, longest + 1)}
