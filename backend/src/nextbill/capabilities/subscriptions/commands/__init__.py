"""What can be done with subscriptions."""

from nextbill.capabilities.subscriptions.commands.applying import apply_paid_change, due_changes, settle_change, withdraw_change
from nextbill.capabilities.subscriptions.commands.begin import cancel_undelivered, create_subscription, start_period
from nextbill.capabilities.subscriptions.commands.change import Shown, preview_change, request_change
from nextbill.capabilities.subscriptions.commands.desk import Contract, Standing, begin_contract, collect_by, mark_standing, mend
from nextbill.capabilities.subscriptions.commands.ending import cancel_at_end, cancel_now, due_to_end, end_due, reactivate, unused_today
from nextbill.capabilities.subscriptions.commands.prices import Foreseen, ProductPrice, announce_price, foresee_prices, paying_older
from nextbill.capabilities.subscriptions.commands.forecast import Forecast, forecast
from nextbill.capabilities.subscriptions.commands.resting import due_to_resume, pause, resume, resume_due
from nextbill.capabilities.subscriptions.commands.rolling import roll_due
from nextbill.capabilities.subscriptions.commands.writing import By

__all__ = [
    "By",
    "Contract",
    "Foreseen",
    "Forecast",
    "ProductPrice",
    "Shown",
    "Standing",
    "announce_price",
    "apply_paid_change",
    "begin_contract",
    "cancel_at_end",
    "cancel_now",
    "cancel_undelivered",
    "collect_by",
    "create_subscription",
    "due_changes",
    "due_to_end",
    "due_to_resume",
    "end_due",
    "foresee_prices",
    "forecast",
    "mark_standing",
    "mend",
    "pause",
    "paying_older",
    "preview_change",
    "reactivate",
    "request_change",
    "resume",
    "resume_due",
    "roll_due",
    "settle_change",
    "start_period",
    "unused_today",
    "withdraw_change",
]
