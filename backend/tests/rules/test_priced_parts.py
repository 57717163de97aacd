"""What stands on documents: unit times quantity less discount is the net, where listed prices hold the tax too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities import tax
from nextbill.capabilities.orders.commands.drafting import Part
from nextbill.capabilities.orders.commands.pricing import PricedPart
from nextbill.kernel.money import Money, Rounding


@given(
    st.sampled_from(["JPY", "USD", "KWD"]),
    st.integers(0, 10**8),
    st.integers(1, 50),
    st.integers(0, 1_000_000),
    st.integers(0, 300_000),
    st.booleans(),
)
def test_every_part_adds_up(currency: str, unit: int, quantity: int, off_ppm: int, rate_ppm: int, inclusive: bool) -> None:
    part = Part("addon", "a", "A", "hosting", None, quantity, Money(unit, currency), None, 1, "each_period")
    part = part.less(part.list_price.share(off_ppm, 1_000_000, Rounding.HALF_UP), "Coupon X")
    net = part.net.share(1_000_000, 1_000_000 + rate_ppm, Rounding.HALF_UP) if inclusive else part.net
    shown = PricedPart(part, tax.TaxedLine("0", net, rate_ppm, part.net - net, None, "VAT", "S")).shown
    assert shown.unit * shown.quantity - shown.off == net
    assert shown.off.minor >= 0
    assert shown.unit.minor >= 0
    assert (shown == part) is (net == part.net)
