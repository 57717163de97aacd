"""Which rule applies never depends on their order, and tax is rounded half up, line by line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.tax.rules import PPM, Place, TaxableLine, TaxRule, apply, choose
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money

DAY = date(2026, 7, 1)
rates = st.integers(0, PPM)
nets = st.integers(0, 10**12)
days = st.integers(-400, 400).map(lambda n: DAY + timedelta(days=n))


@st.composite
def rules(draw: Any) -> TaxRule:
    start = draw(days)
    return TaxRule(
        id=new_id(),
        country=draw(st.sampled_from(["DE", "US"])),
        state=draw(st.sampled_from([None, "TX", "CA"])),
        product_class=draw(st.sampled_from([None, "hosting", "domain"])),
        buyer=draw(st.sampled_from(["any", "consumer", "business", "registered"])),
        rate_ppm=draw(rates),
        name="rule",
        valid_from=start,
        valid_until=draw(st.one_of(st.none(), st.integers(1, 400).map(lambda n: start + timedelta(days=n)))),
    )


places = st.builds(
    Place,
    country=st.sampled_from(["DE", "US", "FR"]),
    state=st.sampled_from([None, "TX", "CA"]),
    status=st.sampled_from(["consumer", "business"]),
    tax_id=st.sampled_from([None, "DE1"]),
)
classes = st.sampled_from(["hosting", "domain"])


@given(st.lists(rules(), max_size=8), places, classes, st.randoms())
def test_order_does_not_matter(known: list[TaxRule], place: Place, product_class: str, chance: Any) -> None:
    shuffled = chance.sample(known, len(known))
    assert choose(known, place=place, product_class=product_class, on=DAY) == choose(shuffled, place=place, product_class=product_class, on=DAY)


@given(st.lists(rules(), max_size=8), places, classes)
def test_what_is_chosen_fits_and_nothing_that_fits_is_more_particular(known: list[TaxRule], place: Place, product_class: str) -> None:
    found = choose(known, place=place, product_class=product_class, on=DAY)
    alone = [rule for rule in known if choose([rule], place=place, product_class=product_class, on=DAY)]
    assert (found is None) == (not alone)
    if found is not None:
        assert found.country == place.country
        assert found.valid_from <= DAY
        assert found.valid_until is None or found.valid_until > DAY
        assert found.buyer in place.kinds
        assert not any(rule.state and not found.state for rule in alone)
        assert not any((rule.state is None) == (found.state is None) and rule.product_class and not found.product_class for rule in alone)


@given(nets, rates)
def test_tax_is_half_up(net: int, rate: int) -> None:
    rule = TaxRule(new_id(), "DE", None, None, "any", rate, "VAT", DAY, None)
    line = apply(TaxableLine("a", "hosting", Money(net, "USD")), rule)
    assert line.tax.minor == (2 * net * rate + PPM) // (2 * PPM)
    assert line.gross == line.net + line.tax
    assert (line.rate_ppm, line.rule_id) == (rate, rule.id)


@given(nets)
def test_no_rule_is_no_tax(net: int) -> None:
    line = apply(TaxableLine("a", "hosting", Money(net, "USD")), None)
    assert (line.tax.minor, line.rate_ppm, line.rule_id) == (0, 0, None)
