"""XML as a tree of qualified names; what XML 1.0 cannot hold is left out."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

from nextbill.kernel.money import Money

NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Node:
    """An element being written. Children come in the order in which they are added, as the schema's sequences demand."""

    def __init__(self, element: ET.Element) -> None:
        self._element = element

    @classmethod
    def root(cls, name: str) -> Node:
        element = ET.Element(name, {f"xmlns:{prefix}": address for prefix, address in NAMESPACES.items()})
        return cls(element)

    def node(self, name: str, **attributes: str) -> Node:
        """A child in `ram`, or in the namespace that the name begins with."""
        return Node(ET.SubElement(self._element, name if ":" in name else f"ram:{name}", attributes))

    def text(self, name: str, value: str | None, **attributes: str) -> None:
        """A child with text; none where there is no text."""
        if value and (clean := " ".join(_FORBIDDEN.sub("", value).split())):
            self.node(name, **attributes).put(clean)

    def put(self, text: str) -> None:
        self._element.text = text

    def amount(self, name: str, value: Money, **attributes: str) -> None:
        self.text(name, written(value), **attributes)

    def day(self, name: str, value: date | None, *, kind: str = "udt") -> None:
        """YYYYMMDD, which is format 102."""
        if value is not None:
            self.node(name).text(f"{kind}:DateTimeString", f"{value:%Y%m%d}", format="102")

    def indicator(self, name: str, *, value: bool) -> None:
        self.node(name).text("udt:Indicator", "true" if value else "false")

    def to_bytes(self) -> bytes:
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(self._element, encoding="unicode")}'.encode()


def written(amount: Money) -> str:
    """With two decimals at most, as EN 16931 has it; `fits` tells whether that is exact."""
    exact = amount.decimal
    return f"{exact.quantize(Decimal('0.01')):f}" if exact.as_tuple().exponent else f"{exact:f}"


def fits(amount: Money) -> bool:
    """Not so for the third decimal of a Kuwaiti dinar."""
    return amount.decimal == amount.decimal.quantize(Decimal("0.01"))


def percent(ppm: int) -> str:
    """190000 → "19", 77000 → "7.7"."""
    return f"{(Decimal(ppm) / 10_000).normalize():f}"
