"""Which rule applies never depends on their order, and tax is rounded half up, line by line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nextbill.capabilities.tax.rules import PPM, Place, TaxableLine, TaxRule, Treatment, apply, choose, tax_lines
from nextbill.capabilities.tax.rules.lines import Arithmetic, at_home
from nextbill.capabilities.tax.rules.policy import MODES
from nextbill.kernel.ids import new_id
from nextbill.kernel.money import Money, total

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


def made(rate: int) -> TaxRule:
    return TaxRule(new_id(), "DE", None, None, "any", rate, f"VAT {rate}", DAY, None, "S" if rate else "Z")


carts = st.lists(st.tuples(st.integers(0, 10**9), st.sampled_from([0, 70_000, 190_000, 210_000, 255_000])), min_size=1, max_size=30)
arithmetics = st.builds(
    Arithmetic, scope=st.sampled_from(["line", "invoice"]), mode=st.sampled_from(["half_up", "half_even", "down"]), inclusive=st.booleans()
)


@given(carts, arithmetics, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_lines_add_up_whatever_the_rounding(cart: list[tuple[int, int]], arithmetic: Arithmetic, currency: str) -> None:
    """By invoice each rate's tax is what its whole net (or gross) bears, rounded once; by line each line's. No unit is lost or made."""
    lines = [TaxableLine(str(i), "hosting", Money(price, currency)) for i, (price, _) in enumerate(cart)]
    chosen = [made(rate) for _, rate in cart]
    taxed = tax_lines(lines, chosen, treatment=Treatment("domestic", "DE"), arithmetic=arithmetic)
    assert [line.ref for line in taxed] == [line.ref for line in lines]
    for before, after in zip(lines, taxed, strict=True):
        assert (after.gross if arithmetic.inclusive else after.net) == before.net
        assert after.tax.minor >= 0
    for rate in {rate for _, rate in cart}:
        group = [line for line in taxed if line.rate_ppm == rate]
        whole = total([line.gross if arithmetic.inclusive else line.net for line in group], currency)
        exact = (
            whole - whole.share(PPM, PPM + rate, MODES[arithmetic.mode]) if arithmetic.inclusive else whole.share(rate, PPM, MODES[arithmetic.mode])
        )
        borne = total([line.tax for line in group], currency)
        if arithmetic.scope == "invoice":
            assert borne == exact
            for line in group:
                share = exact.minor * (line.gross if arithmetic.inclusive else line.net).minor / max(whole.minor, 1)
                assert abs(line.tax.minor - share) <= 1
        else:
            assert abs(borne.minor - exact.minor) <= len(group)


@given(st.integers(0, 10**9), st.sampled_from([70_000, 190_000, 200_000, 255_000]))
def test_a_net_price_made_gross_comes_back(net: int, rate: int) -> None:
    """Exclusive, then inclusive: the same net and tax, since the gross amount tells them apart to half a unit."""
    rule, treatment = made(rate), Treatment("domestic", "DE")
    there = tax_lines([TaxableLine("a", "hosting", Money(net, "EUR"))], [rule], treatment=treatment, arithmetic=Arithmetic())[0]
    back = tax_lines([TaxableLine("a", "hosting", there.gross)], [rule], treatment=treatment, arithmetic=Arithmetic(inclusive=True))[0]
    assert (back.net, back.tax) == (there.net, there.tax)


def test_by_line_and_by_invoice_are_different_things() -> None:
    lines = [TaxableLine(str(i), "hosting", Money(3, "EUR")) for i in range(3)]
    chosen = [made(190_000)] * 3

    def taxes(scope: Any) -> list[int]:
        return [line.tax.minor for line in tax_lines(lines, chosen, treatment=Treatment("domestic", "DE"), arithmetic=Arithmetic(scope=scope))]

    assert taxes("line") == [1, 1, 1]
    assert taxes("invoice") == [1, 1, 0]


def test_whoever_bears_no_tax_is_spared_what_the_price_holds() -> None:
    treatment = Treatment("reverse_charge", None, "AE", "VATEX-EU-AE", "reverse_charge", {"country": "FR"})
    arithmetic = Arithmetic(inclusive=True, relief_ppm={"hosting": 190_000})
    line = tax_lines([TaxableLine("a", "hosting", Money(11900, "EUR"))], [None], treatment=treatment, arithmetic=arithmetic)[0]
    assert (line.net.minor, line.tax.minor, line.category) == (10000, 0, "AE")


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_home_amounts_mirror_themselves(minor: int, rate: int) -> None:
    """A credit note takes back at home what its invoice brought."""
    assert at_home(Money(-minor, "JPY"), home="EUR", rate_ppm=rate) == -at_home(Money(minor, "JPY"), home="EUR", rate_ppm=rate)
    assert at_home(Money(100, "JPY"), home="EUR", rate_ppm=6_000).minor == 60
