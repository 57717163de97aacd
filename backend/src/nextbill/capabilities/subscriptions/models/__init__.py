"""Tables of subscriptions."""

from nextbill.capabilities.subscriptions.models.changes import ChangeRow, HistoryRow
from nextbill.capabilities.subscriptions.models.notices import NoticeRow, PassRow
from nextbill.capabilities.subscriptions.models.periods import UNLINED, DiscountRow, PeriodRow
from nextbill.capabilities.subscriptions.models.runs import ChunkRow, RunRow, SumRow
from nextbill.capabilities.subscriptions.models.subscriptions import ItemRow, SubscriptionRow

__all__ = [
    "UNLINED",
    "ChangeRow",
    "ChunkRow",
    "DiscountRow",
    "HistoryRow",
    "ItemRow",
    "NoticeRow",
    "PassRow",
    "PeriodRow",
    "RunRow",
    "SubscriptionRow",
    "SumRow",
]
