"""Tables of tax."""

from nextbill.capabilities.tax.models.buyers import EvidenceRow, ExemptionRow, IdCheckRow, TaxIdRow
from nextbill.capabilities.tax.models.rules import PolicyRow, ProviderRateRow, TaxRuleRow
from nextbill.capabilities.tax.models.sales import SaleRow, TaskRow, ThresholdRow

__all__ = [
    "EvidenceRow",
    "ExemptionRow",
    "IdCheckRow",
    "PolicyRow",
    "ProviderRateRow",
    "SaleRow",
    "TaskRow",
    "TaxIdRow",
    "TaxRuleRow",
    "ThresholdRow",
]
