"""How tax is decided: pure decisions and arithmetic, one file each."""

from nextbill.capabilities.tax.rules.choosing import BuyerKind, Place, TaxCategory, TaxRule, choose
from nextbill.capabilities.tax.rules.evidence import Proof, ProofKind, Verdict, judge
from nextbill.capabilities.tax.rules.lines import PPM, TaxableLine, TaxedLine, apply, tax_lines
from nextbill.capabilities.tax.rules.policy import Policy
from nextbill.capabilities.tax.rules.treatment import Exemption, IdState, Situation, Treatment, decide
from nextbill.capabilities.tax.rules.wording import in_words

__all__ = [
    "PPM",
    "BuyerKind",
    "Exemption",
    "IdState",
    "Place",
    "Policy",
    "Proof",
    "ProofKind",
    "Situation",
    "TaxCategory",
    "TaxRule",
    "TaxableLine",
    "TaxedLine",
    "Treatment",
    "Verdict",
    "apply",
    "choose",
    "decide",
    "in_words",
    "judge",
    "tax_lines",
]
