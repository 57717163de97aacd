"""What the run does: plans a chunk by rules, writes it in one transaction, goes on until nothing is left."""

from nextbill.processes.renewal.commands.course import BEGIN, BILL, LANES, ROLL, Step, begin_run, bill, claim, due_by, go_on, open_lanes
from nextbill.processes.renewal.commands.isolating import REFUSALS, Isolating
from nextbill.processes.renewal.commands.lasting import extend_licenses
from nextbill.processes.renewal.commands.planning import Grouped, Plan, make_plan
from nextbill.processes.renewal.commands.rehearsing import Rehearsal, rehearse
from nextbill.processes.renewal.commands.sending import SEND, send_invoices
from nextbill.processes.renewal.commands.writing import write_plan

__all__ = [
    "BEGIN",
    "BILL",
    "LANES",
    "REFUSALS",
    "ROLL",
    "SEND",
    "Grouped",
    "Isolating",
    "Plan",
    "Rehearsal",
    "Step",
    "begin_run",
    "bill",
    "claim",
    "due_by",
    "extend_licenses",
    "go_on",
    "make_plan",
    "open_lanes",
    "rehearse",
    "send_invoices",
    "write_plan",
]
