"""Tables of payments, one file a subject."""

from nextbill.capabilities.payments.models.cards import CardRow, DeclineRow, MethodRow, NoticeRow, SchemeCapRow, SetupRow
from nextbill.capabilities.payments.models.charging import CollectionRow, PaceRow
from nextbill.capabilities.payments.models.payables import AttemptRow, EventCursorRow, GatewayCustomerRow, ManualRow, PayableRow, RefundRow

__all__ = [
    "AttemptRow",
    "CardRow",
    "CollectionRow",
    "DeclineRow",
    "EventCursorRow",
    "GatewayCustomerRow",
    "ManualRow",
    "MethodRow",
    "NoticeRow",
    "PaceRow",
    "PayableRow",
    "RefundRow",
    "SchemeCapRow",
    "SetupRow",
]
