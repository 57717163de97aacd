"""What domains can be told to do, one file a use case."""

from nextbill.capabilities.domains.commands.costs import Charge, Cost, book_cost, list_costs, set_cost
from nextbill.capabilities.domains.commands.registration import (
    PREPARE,
    REGISTER,
    REGISTRANT_COLUMN,
    TABLE,
    record_handles,
    request_registration,
    withdraw_registration,
)

__all__ = [
    "PREPARE",
    "REGISTER",
    "REGISTRANT_COLUMN",
    "TABLE",
    "Charge",
    "Cost",
    "book_cost",
    "list_costs",
    "record_handles",
    "request_registration",
    "set_cost",
    "withdraw_registration",
]
