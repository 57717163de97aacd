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
from nextbill.capabilities.domains.commands.renewing import (
    RENEW,
    BilledName,
    HeldName,
    begin_paid,
    end_unsent,
    give_up,
    hold_names,
    move_to,
    note_billed,
    set_wish,
    take_back,
    try_again,
)

__all__ = [
    "PREPARE",
    "REGISTER",
    "REGISTRANT_COLUMN",
    "RENEW",
    "TABLE",
    "BilledName",
    "Charge",
    "Cost",
    "HeldName",
    "begin_paid",
    "book_cost",
    "end_unsent",
    "give_up",
    "hold_names",
    "list_costs",
    "move_to",
    "note_billed",
    "record_handles",
    "request_registration",
    "set_cost",
    "set_wish",
    "take_back",
    "try_again",
    "withdraw_registration",
]
