"""Tables of the catalog, by what they hold."""

from nextbill.capabilities.catalog.models.coupons import CouponRow, RedemptionLineRow, RedemptionPeriodRow, RedemptionRow
from nextbill.capabilities.catalog.models.options import OptionPriceRow, OptionRow, OptionValueRow, PlanOptionRow
from nextbill.capabilities.catalog.models.plans import PlanAddonRow, PlanPriceRow, PlanRow, StockHoldRow
from nextbill.capabilities.catalog.models.tlds import TldPriceRow, TldRow

__all__ = [
    "CouponRow",
    "OptionPriceRow",
    "OptionRow",
    "OptionValueRow",
    "PlanAddonRow",
    "PlanOptionRow",
    "PlanPriceRow",
    "PlanRow",
    "RedemptionLineRow",
    "RedemptionPeriodRow",
    "RedemptionRow",
    "StockHoldRow",
    "TldPriceRow",
    "TldRow",
]
