"""What can be done with subscriptions."""

from nextbill.capabilities.subscriptions.commands.applying import apply_paid_change, due_changes, settle_change, withdraw_change
from nextbill.capabilities.subscriptions.commands.begin import cancel_undelivered, create_subscription, start_period
from nextbill.capabilities.subscriptions.commands.billing import Billed, advance_billed, allow_late, move_papers, set_aside
from nextbill.capabilities.subscriptions.commands.change import Shown, preview_change, request_change
from nextbill.capabilities.subscriptions.commands.desk import Contract, Standing, begin_contract, collect_by, mark_standing, mend
from nextbill.capabilities.subscriptions.commands.ending import cancel_at_end, cancel_now, due_to_end, end_due, reactivate, unused_today
from nextbill.capabilities.subscriptions.commands.forecast import Forecast, coming, forecast
from nextbill.capabilities.subscriptions.commands.prices import Foreseen, ProductPrice, announce_price, foresee_prices, paying_older
from nextbill.capabilities.subscriptions.commands.resting import due_to_resume, pause, resume, resume_due
from nextbill.capabilities.subscriptions.commands.rolling import roll_due
from nextbill.capabilities.subscriptions.commands.runs import ChunkDone, finish_run, judge_now, note_chunk, set_aside_in_run, start_run, stop_run
from nextbill.capabilities.subscriptions.commands.writing import By

__all__ = [
    "Billed",
    "By",
    "ChunkDone",
    "Contract",
    "Forecast",
    "Foreseen",
    "ProductPrice",
    "Shown",
    "Standing",
    "advance_billed",
    "allow_late",
    "announce_price",
    "apply_paid_change",
    "begin_contract",
    "cancel_at_end",
    "cancel_now",
    "cancel_undelivered",
    "collect_by",
    "coming",
    "create_subscription",
    "due_changes",
    "due_to_end",
    "due_to_resume",
    "end_due",
    "finish_run",
    "forecast",
    "foresee_prices",
    "judge_now",
    "mark_standing",
    "mend",
    "move_papers",
    "note_chunk",
    "pause",
    "paying_older",
    "preview_change",
    "reactivate",
    "request_change",
    "resume",
    "resume_due",
    "roll_due",
    "set_aside",
    "set_aside_in_run",
    "settle_change",
    "start_period",
    "start_run",
    "stop_run",
    "unused_today",
    "withdraw_change",
]
