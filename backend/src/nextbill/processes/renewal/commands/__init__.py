"""What the run does: plans a chunk by rules, writes it in one transaction, goes on until nothing is left. What becomes of names on its invoices."""

from nextbill.processes.renewal.commands.course import (
    BEGIN,
    BILL,
    BILL_NAMES,
    LANES,
    ROLL,
    Step,
    begin_run,
    bill,
    bill_names,
    claim,
    claim_names,
    due_by,
    go_on,
    go_on_with_names,
    open_lanes,
)
from nextbill.processes.renewal.commands.isolating import Isolating, IsolatingNames, is_a_rows
from nextbill.processes.renewal.commands.lasting import extend_licenses
from nextbill.processes.renewal.commands.paying import LAPSE, By, begin_paid, drop_credited, find_lapsing, give_up, lapse, try_again, wish
from nextbill.processes.renewal.commands.planning import Grouped, Plan, make_plan
from nextbill.processes.renewal.commands.rehearsing import Rehearsal, rehearse
from nextbill.processes.renewal.commands.sending import SEND, TELL, send_invoices, tell_names
from nextbill.processes.renewal.commands.writing import Issuer, write_plan

__all__ = [
    "BEGIN",
    "BILL",
    "BILL_NAMES",
    "LANES",
    "LAPSE",
    "ROLL",
    "SEND",
    "TELL",
    "By",
    "Grouped",
    "Isolating",
    "IsolatingNames",
    "Issuer",
    "Plan",
    "Rehearsal",
    "Step",
    "begin_paid",
    "begin_run",
    "bill",
    "bill_names",
    "claim",
    "claim_names",
    "drop_credited",
    "due_by",
    "extend_licenses",
    "find_lapsing",
    "give_up",
    "go_on",
    "go_on_with_names",
    "is_a_rows",
    "lapse",
    "make_plan",
    "open_lanes",
    "rehearse",
    "send_invoices",
    "tell_names",
    "try_again",
    "wish",
    "write_plan",
]
