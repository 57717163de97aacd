"""A short year: the same twice, right with misbehaving vendors, and a recount that notices what is planted."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from nextbill_lab import system
from nextbill_lab.bench.database import Owner
from nextbill_lab.simulate import recount, script
from nextbill_lab.simulate.books import Figures
from nextbill_lab.simulate.compare import compare
from nextbill_lab.simulate.play import ENVIRONMENT, Played, morning, play
from nextbill_lab.simulate.recount.arithmetic import months_after, portion, rounded, spread
from nextbill_lab.simulate.recount.walk import Customer, count
from nextbill_lab.simulate.script import FAR_AWAY, GOOD, Deed, Life, Script
from nextbill_lab.simulate.year import examine
from tests.lab.test_demo import nextbill, temporary

__all__ = ["temporary"]
NEW_YEAR = date(2027, 1, 1)


@pytest.mark.timeout(900)
def test_the_same_seed_gives_the_same_report_and_the_books_agree(temporary: Path) -> None:
    """Eight customers, two months: byte for byte, and not a figure differs."""
    arguments = ("simulate", "year", "--customers", "8", "--months", "2", "--seed", "5", "--json")
    first, second = (nextbill(*arguments, temporary=temporary, seconds=430) for _ in range(2))
    report = json.loads(first.stdout)
    assert (report["differences"], first.returncode) == ([], 0), first.stderr
    assert (len(report["months"]), report["compared"] > 50, report["charges"]["succeeded"] > 1) == (2, True, True)
    assert second.stdout == first.stdout
    assert list(temporary.iterdir()) == []


@pytest.mark.timeout(600)
def test_it_agrees_where_vendors_misbehave_and_notices_what_is_planted() -> None:
    written = script.write(seed=3, customers=5, months=1, begins=NEW_YEAR, faults=True)
    assert written.mishaps
    with system.private(environment=ENVIRONMENT, without=("worker",), clock=morning(NEW_YEAR)) as found:
        played = asyncio.run(play(found, written, on_day=lambda _day: None))
        assert asyncio.run(examine(found, written, played)).differences == []
        owner = Owner(found)
        owner.change("set session_replication_role = replica")  # whoever plants has the database's own refusals off
        owner.change(
            "update invoicing_invoice set net_minor = net_minor + 1, total_minor = total_minor + 1, paid_minor = paid_minor + 1 "
            "where number = 'INV-2027-000001'"
        )
        email = owner.one("select l.email from identity_login l join invoicing_invoice i using (customer_id) where i.number = 'INV-2027-000001'")
        owner.close()
        named = asyncio.run(examine(found, written, Played(played.people, played.months))).differences
    assert [line for line in named if line.startswith(f"{email}: invoiced ")], named


def test_a_script_is_its_seed() -> None:
    def written(seed: int) -> Script:
        return script.write(seed=seed, customers=40, months=12, begins=NEW_YEAR, faults=True)

    assert written(1) == written(1)
    assert written(1) != written(2)
    days = [deed.day for life in written(1).lives for deed in life.deeds]
    assert (min(days) >= NEW_YEAR, max(days) < date(2028, 1, 1)) == (True, True)
    assert max(mishap.day for mishap in written(1).mishaps) < date(2027, 12, 25)


def test_every_story_is_told_in_a_year() -> None:
    lives = script.write(seed=1, customers=400, months=12, begins=NEW_YEAR, faults=False).lives
    assert len({life.story for life in lives}) == 18
    assert {life.currency for life in lives} == {"EUR", "USD", "JPY"}
    assert {life.tax_id is None for life in lives} == {True, False}


# --- the pencil ---------------------------------------------------------------------------------------------------------------------


def test_it_has_never_seen_the_product() -> None:
    """Nor how the figures of the product are read: only the script, the price list and Python's own library."""
    for file in Path(recount.__file__).parent.glob("*.py"):
        named = re.findall(r"^from (\S+) import", file.read_text(), flags=re.MULTILINE)
        ours = [name for name in named if name.startswith("nextbill")]
        assert all(re.fullmatch(r"nextbill_lab\.simulate\.(recount\..*|script|shop)", name) for name in ours), (file.name, ours)
        assert {name.partition(".")[0] for name in named if name not in ours} <= sys.stdlib_module_names


def test_its_months_and_coins() -> None:
    assert [months_after(date(2027, 1, 31), months) for months in (1, 2, 13)] == [date(2027, 2, 28), date(2027, 3, 31), date(2028, 2, 29)]
    assert (rounded(Decimal("0.125"), "EUR"), rounded(Decimal("0.5"), "JPY")) == (Decimal("0.13"), Decimal(1))
    assert portion(Decimal("24.50"), 20, 31, "EUR") == Decimal("15.81")
    assert spread(Decimal("1.00"), [Decimal(1), Decimal(1), Decimal(1)], "EUR") == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]
    assert spread(Decimal(10), [Decimal(3), Decimal(1)], "JPY") == [Decimal(8), Decimal(2)]


def test_an_upgrade_by_hand() -> None:
    """Solo 8.90 in Germany from 1 January; Studio 24.50 from the 11th, for 21 of 31 days: 16.60 less 6.03; then Studio a month."""
    customer = _lived(Deed(date(2027, 1, 11), "change", {"plan": "studio"}), until=date(2027, 2, 10))
    paper = [(invoice.day, [(line.net, line.tax) for line in invoice.lines]) for invoice in customer.account.invoices]
    assert paper == [
        (date(2027, 1, 1), [(Decimal("8.90"), Decimal("1.69"))]),
        (date(2027, 1, 11), [(Decimal("10.57"), Decimal("2.01"))]),
        (date(2027, 1, 25), [(Decimal("24.50"), Decimal("4.66"))]),
    ]
    assert customer.account.cash == Decimal("10.59") + Decimal("12.58") + Decimal("29.16")


def test_leaving_at_once_by_hand() -> None:
    """On 20 February: the next month is not billed yet, 9 of 28 days of the running one stand to the customer's credit."""
    customer = _lived(Deed(date(2027, 2, 20), "cancel", {"at": "now"}), until=date(2027, 4, 1))
    assert (customer.services[0].state, len(customer.account.invoices)) == ("ended", 2)
    assert (customer.account.credited, customer.account.credit) == (Decimal("3.40"), Decimal("3.40"))


def test_a_card_that_expires_by_hand() -> None:
    """Good until the end of January: February's charge is refused on the 1st, and taken from the new card on the 9th."""
    card = Deed(date(2027, 1, 2), "save_card", {"card": GOOD, "exp": "01/27"})
    other = Deed(date(2027, 2, 9), "save_card", {"card": GOOD, "exp": FAR_AWAY})
    assert _lived(card, until=date(2027, 2, 9)).account.invoices[1].open == Decimal("10.59")
    customer = _lived(card, other, until=date(2027, 2, 10))
    assert (customer.account.refusals, customer.account.invoices[1].open, customer.account.cash) == (1, 0, Decimal("21.18"))


def test_names_by_hand() -> None:
    """Bought on 1 January for a year, 7.99 and VAT: it rides on November's invoice, made within 60 days of its end, and is paid with it on 1 December."""
    bought = Deed(NEW_YEAR, "sign_up", {**BOUGHT, "bought_name": True})
    customer = _lived(first=bought, until=date(2027, 12, 2))
    rides = [(invoice.day, [line.net for line in invoice.lines]) for invoice in customer.account.invoices if len(invoice.lines) > 1]
    assert rides == [(NEW_YEAR, [Decimal("8.90"), Decimal("7.99")]), (date(2027, 11, 24), [Decimal("8.90"), Decimal("7.99")])]
    assert customer.kept_names == ["a.de until 2029-01-01"]


def test_names_alone_by_hand() -> None:
    """Who has left gets an invoice over the name alone, 30 days before its end; unpaid, the name keeps its end."""
    bought = Deed(NEW_YEAR, "sign_up", {**BOUGHT, "bought_name": True, "card": None})
    customer = _lived(Deed(date(2027, 1, 20), "cancel", {"at": "now"}), first=bought, until=date(2028, 1, 1))
    last = customer.account.invoices[-1]
    assert (last.day, last.due, last.open > 0, customer.kept_names) == (date(2027, 12, 2), date(2027, 12, 18), True, ["a.de until 2028-01-01"])


def test_each_figure_that_differs_is_named() -> None:
    ours: Figures = {"a: invoiced EUR": Decimal("10.59"), "a: keeps": "solo active until 2027-02-01", "gateway: money EUR": Decimal("10.590")}
    same: Figures = {**ours, "gateway: money EUR": Decimal("10.59"), "a: credit EUR": Decimal(0)}
    assert compare(ours, same).differences == ()
    wrong = compare(ours, {**same, "a: invoiced EUR": Decimal("10.58"), "b: open EUR": Decimal(1)})
    assert [str(one) for one in wrong.differences] == [
        "a: invoiced EUR: recounted 10.59, found 10.58", "b: open EUR: recounted nothing, found 1",
    ]  # fmt: skip


BOUGHT = {"plan": "solo", "cycle": "month", "quantity": 1, "addons": [], "coupon": None, "domain": "a.de", "bought_name": False, "card": GOOD}


def _lived(*deeds: Deed, until: date, first: Deed | None = None) -> Customer:
    life = Life(1, "by hand", "Kim", "kim@example.com", "DE", "EUR", None, (first or Deed(NEW_YEAR, "sign_up", BOUGHT), *deeds))
    return count(Script(1, NEW_YEAR, until, (life,), date(2030, 1, 1), date(2030, 2, 1), ()))["kim@example.com"]
