"""The books: balanced journals that are never changed."""

from nextbill.capabilities.ledger.commands import JournalId, post
from nextbill.capabilities.ledger.errors import AlreadyPosted, Unbalanced
from nextbill.capabilities.ledger.queries import DaySum, balance, balances_by_customer, booked, by_day, customer_balance, is_posted, trial_balance
from nextbill.capabilities.ledger.rules import Account, Entry, Journal

__all__ = [
    "Account",
    "AlreadyPosted",
    "DaySum",
    "Entry",
    "Journal",
    "JournalId",
    "Unbalanced",
    "balance",
    "balances_by_customer",
    "booked",
    "by_day",
    "customer_balance",
    "is_posted",
    "post",
    "trial_balance",
]
