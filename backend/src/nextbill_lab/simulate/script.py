"""What happens in the year, decided before it begins: every choice comes out of one seeded generator, nothing out of an answer.

The same script is played by customers over HTTP and counted by the recount, which shares nothing else with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from nextbill_lab.simulate.shop import BY_CODE, CURRENCIES, TLDS

GOOD, REFUSED_LATER, ALWAYS_ASKED = "4242424242424242", "4000000000000341", "4000002760003184"
FAR_AWAY: Final = "12/44"
NOTICE_DAYS: Final = 32
RISE_AFTER: Final = 0.45
"""Of the year: then the price rise is announced."""
DAYS_OF_A_NAME: Final = 365
"""Names are bought so late that none expires before the end: what becomes of one that nobody pays is another story."""
APART: Final = 12
"""Days between two customers whose bank says no: they all have the simulator's one such card, and a card's scheme allows few declines a month."""
COUNTRIES: Final = (("DE", 30), ("FR", 14), ("NL", 10), ("AT", 8), ("ES", 8), ("IT", 8), ("PL", 6), ("US", 16))
PLACES: Final[Mapping[str, Mapping[str, str]]] = {
    "DE": {"city": "Berlin", "postal_code": "10115", "state": ""},
    "FR": {"city": "Paris", "postal_code": "75001", "state": ""},
    "NL": {"city": "Utrecht", "postal_code": "3511 AA", "state": ""},
    "AT": {"city": "Wien", "postal_code": "1010", "state": ""},
    "ES": {"city": "Madrid", "postal_code": "28001", "state": ""},
    "IT": {"city": "Roma", "postal_code": "00118", "state": ""},
    "PL": {"city": "Warszawa", "postal_code": "00-001", "state": ""},
    "US": {"city": "Springfield", "postal_code": "62701", "state": "IL"},
}
PHONES: Final[Mapping[str, str]] = {
    "DE": "+493012345678", "FR": "+33142685300", "NL": "+31302345678", "AT": "+43151234567", "ES": "+34911234567", "IT": "+390612345678",
    "PL": "+48221234567", "US": "+12175550123",
}  # fmt: skip
TAX_IDS: Final[Mapping[str, str]] = {"FR": "FR40303265045", "NL": "NL004495445B01", "AT": "ATU13585627", "IT": "IT00743110157", "DE": "DE136695976"}


@dataclass(frozen=True)
class Deed:
    """Something that a customer does on a day; `facts` are what it takes."""

    day: date
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Life:
    """A customer's year. The first deed is the sign-up, with what is bought; `story` names the course of it."""

    number: int
    story: str
    name: str
    email: str
    country: str
    currency: str
    tax_id: str | None
    deeds: tuple[Deed, ...]

    @property
    def first_day(self) -> date:
        return self.deeds[0].day


@dataclass(frozen=True)
class Mishap:
    """A vendor's fault on a day: `vendor`, and the rule as its simulator takes it."""

    day: date
    vendor: str
    path: str
    rule: Mapping[str, Any]


@dataclass(frozen=True)
class Script:
    """`until`: the first day that is not played. `rise_on`: staff announces the price rise, in force for periods from `rise_from` on."""

    seed: int
    begins: date
    until: date
    lives: tuple[Life, ...]
    rise_on: date
    rise_from: date
    mishaps: tuple[Mishap, ...]

    def told(self) -> dict[str, Any]:
        return asdict(self)


def write(*, seed: int, customers: int, months: int, begins: date, faults: bool) -> Script:
    until = _months_later(begins, months)
    days = (until - begins).days
    chance = Random(f"{seed}:{customers}:{months}")
    author = _Author(chance, begins, until)
    lives = tuple(author.life(number) for number in range(1, customers + 1))
    rise_on = begins + timedelta(days=int(days * RISE_AFTER))
    mishaps = _mishaps(Random(f"{seed}:mishaps"), begins, days) if faults else ()
    return Script(seed, begins, until, lives, rise_on, rise_on + timedelta(days=NOTICE_DAYS), mishaps)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, day.day)


class _Author:
    def __init__(self, chance: Random, begins: date, until: date) -> None:
        self._chance, self._begins, self._until = chance, begins, until
        self._free_from = begins
        """From when on the next customer's bank may say no."""

    def life(self, number: int) -> Life:
        chance = self._chance
        country = _drawn(chance, COUNTRIES)
        business = country in TAX_IDS and chance.random() < 0.3
        currency = self._currency(country)
        first = self._begins + timedelta(days=chance.randrange(max(1, (self._until - self._begins).days - 10)))
        story = _drawn(chance, tuple((story, weight) for story, (weight, _write) in _STORIES.items()))
        if story in ("decline_recovers", "bank_asks") and self._free_from > first + timedelta(days=20):
            story = "steady"
        purchase = self._purchase(number, story, currency, first)
        deeds = [Deed(first, "sign_up", purchase)]
        deeds += _STORIES[story][1](self, first, purchase)
        known = tuple(deed for deed in sorted(deeds, key=lambda deed: deed.day) if deed.day < self._until)
        return Life(
            number, story, f"Kim Kunde {number}", f"kunde-{number}@example.com", country, currency, TAX_IDS[country] if business else None, known
        )

    def _currency(self, country: str) -> str:
        if country == "US":
            return "USD" if self._chance.random() < 0.7 else "JPY"
        return "EUR" if self._chance.random() < 0.85 else CURRENCIES[1]

    def _purchase(self, number: int, story: str, currency: str, first: date) -> dict[str, Any]:
        """What is bought first: plan, cycle, add-ons, coupon, a name that does not expire before the end, and whether the card may be kept."""
        chance = self._chance
        plan = _PLAN_OF.get(story) or _drawn(chance, (("solo", 50), ("studio", 35), ("agency", 15)))
        yearly = story in _ANY_CYCLE and chance.random() < 0.25
        addons = [code for code in BY_CODE[plan].addons if chance.random() < 0.2]
        coupon = _drawn(chance, ((None, 70), ("SPRING", 12), ("FAITHFUL", 10), ("FIVER", 8)))
        if coupon == "FIVER" and (addons or plan not in ("solo", "studio")):
            coupon = None
        bought = currency in TLDS["com"] and chance.random() < 0.5 and (self._until - first).days <= DAYS_OF_A_NAME
        tld = _drawn(chance, (("com", 50), ("de", 35), ("net", 15)))
        return {
            "plan": plan,
            "cycle": "year" if yearly else "month",
            "quantity": chance.randint(2, 9) if plan == "mailboxes" else 1,
            "addons": addons,
            "coupon": None if plan in ("mailboxes", "taster") else coupon,
            "domain": f"site-{number}.{tld}",
            "bought_name": bought and plan != "mailboxes",
            "card": None if story == "pays_by_hand" or story.startswith("trial") else GOOD,
        }

    # --- what becomes of them; each answers with the deeds after the sign-up --------------------------------------------------------

    def _later(self, first: date, least: int, most: int) -> date:
        return first + timedelta(days=self._chance.randint(least, most))

    def steady(self, _first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        return []

    def grows(self, first: date, purchase: Mapping[str, Any]) -> list[Deed]:
        bigger = {"solo": "studio", "studio": "agency"}.get(purchase["plan"])
        if bigger is None:
            return []
        return [Deed(self._later(first, 5, 200), "change", _to(bigger, purchase))]

    def shrinks(self, first: date, purchase: Mapping[str, Any]) -> list[Deed]:
        smaller = {"agency": "studio", "studio": "solo"}.get(purchase["plan"])
        return [Deed(self._later(first, 5, 150), "change", _to(smaller, purchase))] if smaller else []

    def commits(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        return [Deed(self._later(first, 5, 150), "change", {"cycle": "year"})]

    def adds(self, first: date, purchase: Mapping[str, Any]) -> list[Deed]:
        offered = [code for code in BY_CODE[purchase["plan"]].addons if code not in purchase["addons"] and code == "backups"]
        return [Deed(self._later(first, 5, 150), "change", {"addons": [*purchase["addons"], code]}) for code in offered]

    def drops(self, first: date, purchase: Mapping[str, Any]) -> list[Deed]:
        return [Deed(self._later(first, 5, 100), "change", {"addons": []})] if purchase["addons"] else []

    def counts(self, first: date, purchase: Mapping[str, Any]) -> list[Deed]:
        more = purchase["quantity"] + self._chance.randint(1, 5)
        up = self._later(first, 5, 90)
        return [Deed(up, "change", {"quantity": more}), Deed(self._later(up, 50, 90), "change", {"quantity": max(1, more - 3)})]

    def rests(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        return [Deed(self._later(first, 10, 120), "pause", {"days": self._chance.randint(5, 40)})]

    def leaves(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        return [Deed(self._later(first, 10, 220), "cancel", {"at": "period_end"})]

    def hesitates(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        asked = self._later(first, 10, 120)
        return [Deed(asked, "cancel", {"at": "period_end"}), Deed(asked, "reactivate")]

    def walks_out(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        return [Deed(self._later(first, 10, 200), "cancel", {"at": "now"})]

    def trial_stays(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        return [Deed(first + timedelta(days=1), "save_card", {"card": GOOD, "exp": FAR_AWAY})]

    def trial_leaves(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        return [Deed(self._later(first, 1, 10), "cancel", {"at": self._chance.choice(["now", "period_end"])})]

    def pays_by_hand(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        return self._weekly(first)

    def _weekly(self, first: date) -> list[Deed]:
        weeks = ((self._until - first).days - 1) // 7
        return [Deed(first + timedelta(days=7 * week), "pay_open", {"card": GOOD}) for week in range(1, weeks + 1)]

    def decline_recovers(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        """The card is refused from some day on; some days after the first charge that fails, another one is given."""
        refused = self._later(max(first, self._free_from), 3, 20)
        self._free_from = refused + timedelta(days=APART)
        return [
            Deed(refused, "save_card", {"card": REFUSED_LATER, "exp": FAR_AWAY}),
            Deed(refused + timedelta(days=34 + self._chance.randint(0, 3)), "save_card", {"card": GOOD, "exp": FAR_AWAY}),
        ]

    def card_expires(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        swapped = self._later(first, 2, 10)
        ends = swapped + timedelta(days=self._chance.randint(20, 80))
        kept = {"card": GOOD, "exp": f"{ends:%m/%y}"}
        after = _months_later(ends.replace(day=1), 1) + timedelta(days=self._chance.randint(25, 40))
        return [Deed(swapped, "save_card", kept), Deed(after, "save_card", {"card": GOOD, "exp": FAR_AWAY})]

    def card_lost(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        """It expires, and nobody gives another: what is billed from then on stays open."""
        swapped = self._later(first, 2, 10)
        return [Deed(swapped, "save_card", {"card": GOOD, "exp": f"{swapped + timedelta(days=75):%m/%y}"})]

    def bank_asks(self, first: date, _purchase: Mapping[str, Any]) -> list[Deed]:
        """Every charge needs its holder, who pays by hand once a week."""
        self._free_from = max(first, self._free_from) + timedelta(days=APART)
        return [Deed(self._later(first, 1, 5), "save_card", {"card": ALWAYS_ASKED, "exp": FAR_AWAY}), *self._weekly(first)]


_Write = Callable[[_Author, date, Mapping[str, Any]], list[Deed]]
_STORIES: Final[Mapping[str, tuple[int, _Write]]] = {
    "steady": (24, _Author.steady),
    "grows": (10, _Author.grows),
    "shrinks": (5, _Author.shrinks),
    "commits": (5, _Author.commits),
    "adds": (5, _Author.adds),
    "drops": (3, _Author.drops),
    "counts": (6, _Author.counts),
    "rests": (4, _Author.rests),
    "leaves": (8, _Author.leaves),
    "hesitates": (3, _Author.hesitates),
    "walks_out": (4, _Author.walks_out),
    "trial_stays": (5, _Author.trial_stays),
    "trial_leaves": (3, _Author.trial_leaves),
    "pays_by_hand": (5, _Author.pays_by_hand),
    "decline_recovers": (4, _Author.decline_recovers),
    "card_expires": (4, _Author.card_expires),
    "card_lost": (2, _Author.card_lost),
    "bank_asks": (2, _Author.bank_asks),
}
_PLAN_OF: Final[Mapping[str, str]] = {
    "counts": "mailboxes", "trial_stays": "taster", "trial_leaves": "taster", "adds": "solo", "shrinks": "studio", "drops": "studio",
}  # fmt: skip
_ANY_CYCLE: Final = ("steady", "leaves", "walks_out", "hesitates")


def _to(plan: str, purchase: Mapping[str, Any]) -> dict[str, Any]:
    """Another plan, with those of the add-ons that it has too."""
    return {"plan": plan, "addons": [code for code in purchase["addons"] if code in BY_CODE[plan].addons]}


def _drawn(chance: Random, weighted: tuple[tuple[Any, int], ...]) -> Any:
    return chance.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


_FAULTS: Final[tuple[tuple[str, str, Mapping[str, Any]], ...]] = (
    ("panel alpha", "/_sim/faults", {"effect": "error_before", "pattern": "/api/v1/billing/accounts", "times": 2}),
    ("panel alpha", "/_sim/faults", {"effect": "lost_after", "pattern": "POST /api/v1/billing/accounts$", "times": 1}),
    ("panel beta", "/_sim/faults", {"effect": "html", "pattern": "/api/v1/billing/accounts", "times": 2}),
    ("stripe", "/_sim/stripe/faults", {"kind": "rate_limit_429", "pattern": "POST /v1/payment_intents$", "times": 2}),
    ("stripe", "/_sim/stripe/faults", {"kind": "stored_500", "executed": True, "pattern": "POST /v1/payment_intents$", "times": 1}),
    ("stripe", "/_sim/stripe/webhooks", {"duplicate": 3}),
    ("stripe", "/_sim/stripe/webhooks", {"drop": 2}),
    ("stripe", "/_sim/stripe/webhooks", {"bad_signature": 2}),
    ("registrar", "/_sim/resellerclub/faults", {"kind": "busy", "pattern": "domains/register", "times": 1}),
    ("registrar", "/_sim/faults", {"effect": "lost_after", "pattern": "/api/domains/register", "times": 1}),
    ("mailbox", "/_sim/mailbox/smtp", {"mode": "defer"}),
)


def _mishaps(chance: Random, begins: date, days: int) -> tuple[Mishap, ...]:
    """About one in a week, none in the last ten days: what is struck then must have time to come right."""
    found = []
    for week in range(max(1, (days - 10) // 7)):
        vendor, path, rule = _FAULTS[(week + chance.randrange(3)) % len(_FAULTS)]
        found.append(Mishap(begins + timedelta(days=week * 7 + chance.randrange(7)), vendor, path, rule))
    return tuple(found)
