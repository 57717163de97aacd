"""What payments can be told to do, one file a use case."""

from nextbill.capabilities.payments.commands.attempts import (
    EXPIRE_CHECKOUT,
    OPEN_CHECKOUT,
    SETTLE,
    may_open,
    record_opened,
    record_parked,
    record_refused,
    start_attempt,
)
from nextbill.capabilities.payments.commands.manual import MANUAL, Receipt, record_manual_payment
from nextbill.capabilities.payments.commands.payables import (
    CLOSE_CHECKOUT,
    cancel_payable,
    close_checkout,
    open_payable,
    reduce_payable,
    settle_payable,
)
from nextbill.capabilities.payments.commands.refunds import REFUND, fail_refund, park_refund, postpone_refund_check, record_refund, request_refund
from nextbill.capabilities.payments.commands.settlement import postpone_check, settle
from nextbill.capabilities.payments.commands.webhooks import PROCESS_WEBHOOK, SETTLE_REFUND, SOURCE, note_read_until, process, receive

__all__ = [
    "CLOSE_CHECKOUT",
    "EXPIRE_CHECKOUT",
    "MANUAL",
    "OPEN_CHECKOUT",
    "PROCESS_WEBHOOK",
    "REFUND",
    "SETTLE",
    "SETTLE_REFUND",
    "SOURCE",
    "Receipt",
    "cancel_payable",
    "close_checkout",
    "fail_refund",
    "may_open",
    "note_read_until",
    "open_payable",
    "park_refund",
    "postpone_check",
    "postpone_refund_check",
    "process",
    "receive",
    "record_manual_payment",
    "record_opened",
    "record_parked",
    "record_refund",
    "record_refused",
    "reduce_payable",
    "request_refund",
    "settle",
    "settle_payable",
    "start_attempt",
]
