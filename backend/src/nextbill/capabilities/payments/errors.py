"""Refusals of payments, as facts."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, Invalid, NotFound, Problem


class PaymentNotFound(NotFound):
    code: ClassVar[str] = "payment_not_found"
    title: ClassVar[str] = "There is no such payment"


class PayableNotFound(NotFound):
    code: ClassVar[str] = "payable_not_found"
    title: ClassVar[str] = "There is nothing to pay under this reference"


class PayableNotOpen(Conflict):
    code: ClassVar[str] = "payable_not_open"
    title: ClassVar[str] = "This has been paid or cancelled"


class PaymentRefused(Conflict):
    code: ClassVar[str] = "payment_refused"
    title: ClassVar[str] = "The payment provider does not accept this payment"


class NotRefundable(Conflict):
    code: ClassVar[str] = "payment_not_refundable"
    title: ClassVar[str] = "Only a payment that succeeded can be refunded"


class RefundTooLarge(Conflict):
    code: ClassVar[str] = "refund_too_large"
    title: ClassVar[str] = "More than what is left of the payment"


class RefundNotCovered(Conflict):
    """Money that was earned: the books would say that the customer owes it again."""

    code: ClassVar[str] = "refund_not_covered"
    title: ClassVar[str] = "The customer has no credit for this refund"


class NothingToRefund(Invalid):
    code: ClassVar[str] = "refund_not_positive"
    title: ClassVar[str] = "A refund is a positive amount"


class BadSignature(Problem):
    code: ClassVar[str] = "bad_signature"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The webhook is not signed with our secret"


class StaleWebhook(Problem):
    code: ClassVar[str] = "webhook_stale"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The webhook was signed too long ago, or in the future"


class UnreadableWebhook(Problem):
    code: ClassVar[str] = "webhook_unreadable"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The webhook is signed, but not in the shape or version that we read"


class CheckoutClosing(Conflict):
    """Part of it was paid another way meanwhile; the page over the former amount has to be closed first."""

    code: ClassVar[str] = "checkout_closing"
    title: ClassVar[str] = "The amount has changed: try again in a moment"


class PaymentAlreadyRecorded(Conflict):
    """The same amount, day, method and reference of one customer for one thing is one payment."""

    code: ClassVar[str] = "payment_already_recorded"
    title: ClassVar[str] = "This payment has been recorded already"


class MethodNotFound(NotFound):
    code: ClassVar[str] = "payment_method_not_found"
    title: ClassVar[str] = "There is no such saved card"


class SetupNotFound(NotFound):
    code: ClassVar[str] = "payment_setup_not_found"
    title: ClassVar[str] = "There is no such try at saving a card"


class LastMethod(Conflict):
    """Asked back before the last card goes: afterwards nothing is charged by itself any more."""

    code: ClassVar[str] = "payment_method_last"
    title: ClassVar[str] = "This is the last saved card: confirm that you want to pay by invoice"


class ChargeUnderWay(Conflict):
    """The saved card is being charged for the same this very moment; a second payment beside it would be one too many."""

    code: ClassVar[str] = "charge_under_way"
    title: ClassVar[str] = "Your saved card is being charged for this right now"


class ConsentNeeded(Invalid):
    code: ClassVar[str] = "payment_consent_needed"
    title: ClassVar[str] = "A card is saved with its holder's consent only"
