"""Money that is asked for, comes in and goes back."""

from nextbill.capabilities.payments.commands import cancel_payable, open_payable, request_refund, settle_payable, start_attempt
from nextbill.capabilities.payments.errors import PayableNotFound, PayableNotOpen, PaymentNotFound, RefundTooLarge
from nextbill.capabilities.payments.events import (
    PaymentExpired,
    PaymentFailed,
    PaymentParked,
    PaymentQuarantined,
    PaymentSucceeded,
    RefundFailed,
    RefundRequested,
    RefundSucceeded,
    SurplusReceived,
)
from nextbill.capabilities.payments.queries import Attempt, Payable, RefundView, attempts_of, get_attempt, get_payable, payable_for, refunds_of

__all__ = [
    "Attempt",
    "Payable",
    "PayableNotFound",
    "PayableNotOpen",
    "PaymentExpired",
    "PaymentFailed",
    "PaymentNotFound",
    "PaymentParked",
    "PaymentQuarantined",
    "PaymentSucceeded",
    "RefundFailed",
    "RefundRequested",
    "RefundSucceeded",
    "RefundTooLarge",
    "RefundView",
    "SurplusReceived",
    "attempts_of",
    "cancel_payable",
    "get_attempt",
    "get_payable",
    "open_payable",
    "payable_for",
    "refunds_of",
    "request_refund",
    "settle_payable",
    "start_attempt",
]
