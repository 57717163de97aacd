"""Accounts and journals. Amounts are signed: debit is positive, credit negative. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from nextbill.kernel.money import Money, exponent

PPM: Final = 1_000_000


class Account(StrEnum):
    GATEWAY_CLEARING = "gateway_clearing"
    """Money that the gateway holds for us."""
    CUSTOMER_CREDIT = "customer_credit"
    """What we owe customers: payments not yet applied, credit notes not yet paid out."""
    RECEIVABLE = "receivable"
    """What customers owe us on issued invoices."""
    REVENUE_HOSTING = "revenue_hosting"
    REVENUE_DOMAINS = "revenue_domains"
    TAX_PAYABLE = "tax_payable"
    GATEWAY_FEES = "gateway_fees"
    REFUNDS_PENDING = "refunds_pending"
    """Refunds asked for that the gateway has not confirmed."""
    REGISTRAR_PREPAID = "registrar_prepaid"
    """Our balance at registrars."""
    COST_DOMAINS = "cost_domains"
    WRITE_OFF = "write_off"
    """Receivables that will not be paid."""
    BANK = "bank"
    """Money that came past the gateway: transfers, cash, cheques."""
    REVENUE_SERVICES = "revenue_services"
    """Work, setup and whatever else is sold by a line of its own."""
    CREDIT_ADJUSTMENTS = "credit_adjustments"
    """What staff gave to customers' credit, or took from it, for a reason of their own."""


KEPT_BY_CUSTOMER: Final = frozenset({Account.RECEIVABLE, Account.CUSTOMER_CREDIT})
"""Accounts whose balance is each customer's own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal. `customer_id` where the balance is kept by customer (receivable, customer_credit); `product` is what
    a cost or an income belongs to (`tld:com`, `plan:professional`)."""

    account: Account
    amount: Money
    customer_id: UUID | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """A fact as booked. (reference_type, reference_id, kind) names the fact: it is booked once. No personal data in `description`."""

    reference_type: str
    reference_id: UUID
    description: str
    entries: Sequence[Entry] = field(default_factory=tuple)
    kind: str = "booked"


@dataclass(frozen=True, slots=True)
class Alike:
    """So `many` facts of the same amounts, one after the other. Where an entry's account is kept by customer, its customer is the fact's own, whomever it
    names."""

    entries: Sequence[Entry]
    many: int


def imbalance(entries: Iterable[Entry]) -> dict[str, int]:
    """What is missing, by currency; empty where the entries balance."""
    sums: defaultdict[str, int] = defaultdict(int)
    for entry in entries:
        sums[entry.amount.currency] += entry.amount.minor
    return {currency: amount for currency, amount in sums.items() if amount}


def speaking(entries: Iterable[Entry]) -> list[Entry]:
    """Without the entries of nothing, such as the tax of an untaxed line."""
    return [entry for entry in entries if entry.amount]


def in_home(entries: Sequence[Entry], *, home: str, rates: Mapping[str, int]) -> list[int]:
    """The entries' amounts in minor units of the home currency, adding up to zero where the entries do.

    Each is rounded half up by itself; what the roundings of one currency leave goes to its largest entry. `rates`: home units for a
    million units, by currency."""
    amounts = [converted(entry.amount, home=home, ppm=rates[entry.amount.currency]) for entry in entries]
    for currency in {entry.amount.currency for entry in entries}:
        places = [place for place, entry in enumerate(entries) if entry.amount.currency == currency]
        exact = converted(Money(sum(entries[place].amount.minor for place in places), currency), home=home, ppm=rates[currency])
        largest = max(places, key=lambda place: (abs(entries[place].amount.minor), -place))
        amounts[largest] += exact - sum(amounts[place] for place in places)
    return amounts


def converted(amount: Money, *, home: str, ppm: int) -> int:
    """Minor units of the home currency, half away from zero."""
    top: int = abs(amount.minor) * ppm * 10 ** exponent(home)
    bottom: int = PPM * 10 ** exponent(amount.currency)
    whole = (2 * top + bottom) // (2 * bottom)
    return whole if amount.minor >= 0 else -whole


def month_of(day: date) -> date:
    """A month is named by its first day."""
    return day.replace(day=1)
