"""What can be done in hosting. Nothing here calls out; each runs in the caller's transaction."""

from nextbill.capabilities.hosting.commands.accounts import (
    AccountRequested,
    move_account,
    place_waiting,
    request_account,
    withdraw_account,
)
from nextbill.capabilities.hosting.commands.changes import delete_account, suspend_account, unsuspend_account
from nextbill.capabilities.hosting.commands.first_login import issue_first_login, offered, reveal_first_login
from nextbill.capabilities.hosting.commands.servers import add_server, move_server, place, record_health, record_probe, set_server_state

__all__ = [
    "AccountRequested",
    "add_server",
    "delete_account",
    "issue_first_login",
    "move_account",
    "move_server",
    "offered",
    "place",
    "place_waiting",
    "record_health",
    "record_probe",
    "request_account",
    "reveal_first_login",
    "set_server_state",
    "suspend_account",
    "unsuspend_account",
    "withdraw_account",
]
