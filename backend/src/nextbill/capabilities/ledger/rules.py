"""Accounts and journals. Amounts are signed: debit is positive, credit negative. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from nextbill.kernel.money import Money


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


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal. `customer_id` where the balance is kept by customer (receivable, customer_credit)."""

    account: Account
    amount: Money
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """A fact as booked. (reference_type, reference_id, kind) names the fact: it is booked once. No personal data in `description`."""

    reference_type: str
    reference_id: UUID
    description: str
    entries: Sequence[Entry] = field(default_factory=tuple)
    kind: str = "booked"


def imbalance(entries: Iterable[Entry]) -> dict[str, int]:
    """What is missing, by currency; empty where the entries balance."""
    sums: defaultdict[str, int] = defaultdict(int)
    for entry in entries:
        sums[entry.amount.currency] += entry.amount.minor
    return {currency: amount for currency, amount in sums.items() if amount}


def speaking(entries: Iterable[Entry]) -> list[Entry]:
    """Without the entries of nothing, such as the tax of an untaxed line."""
    return [entry for entry in entries if entry.amount]
