"""How much tax a line bears, where and why; tax ids, evidence, and the VAT book."""

from nextbill.capabilities.tax.commands.evidence import judge_evidence, note_evidence
from nextbill.capabilities.tax.commands.exemptions import end_exemption, grant_exemption
from nextbill.capabilities.tax.commands.ids import check_again, request_check
from nextbill.capabilities.tax.commands.policy import seed_tax, set_policy
from nextbill.capabilities.tax.commands.provided import want_rates
from nextbill.capabilities.tax.commands.rules import add_rule, end_rule
from nextbill.capabilities.tax.commands.sales import Part, SoldDocument, book_sale, open_threshold
from nextbill.capabilities.tax.commands.tasks import close_task, open_task
from nextbill.capabilities.tax.errors import TaxIdNotFound, TaxNotKnown, TaxRateMissing, TaxTaskClosed, TaxTaskNotFound
from nextbill.capabilities.tax.events import TaxIdConfirmed, TaxIdRefuted, TaxTaskOpened
from nextbill.capabilities.tax.queries.assess import TaxableSale, assess, assess_many
from nextbill.capabilities.tax.queries.book import Quarter, Unproven, booked_at, oss_return, quarter, reverse_charges, sold_unproven
from nextbill.capabilities.tax.queries.buyers import Evidence, TaxId, evidence_of, find_tax_id, id_state
from nextbill.capabilities.tax.queries.policies import get_rules, policy_on, prices_include_tax
from nextbill.capabilities.tax.queries.tasks import Task, get_task
from nextbill.capabilities.tax.queries.threshold import Threshold, threshold_of
from nextbill.capabilities.tax.rules import PPM, BuyerKind, IdState, Policy, ProofKind, TaxableLine, TaxCategory, TaxedLine, TaxRule, in_words
from nextbill.capabilities.tax.rules.treatment import Scheme
from nextbill.capabilities.tax.rules.union import MEMBERS, Territory, territory

__all__ = [
    "MEMBERS",
    "PPM",
    "BuyerKind",
    "Evidence",
    "IdState",
    "Part",
    "Policy",
    "ProofKind",
    "Quarter",
    "Scheme",
    "SoldDocument",
    "Task",
    "TaxCategory",
    "TaxId",
    "TaxIdConfirmed",
    "TaxIdNotFound",
    "TaxIdRefuted",
    "TaxNotKnown",
    "TaxRateMissing",
    "TaxRule",
    "TaxTaskClosed",
    "TaxTaskNotFound",
    "TaxTaskOpened",
    "TaxableLine",
    "TaxableSale",
    "TaxedLine",
    "Territory",
    "Threshold",
    "Unproven",
    "add_rule",
    "assess",
    "assess_many",
    "book_sale",
    "booked_at",
    "check_again",
    "close_task",
    "end_exemption",
    "end_rule",
    "evidence_of",
    "find_tax_id",
    "get_rules",
    "get_task",
    "grant_exemption",
    "id_state",
    "in_words",
    "judge_evidence",
    "note_evidence",
    "open_task",
    "open_threshold",
    "oss_return",
    "policy_on",
    "prices_include_tax",
    "quarter",
    "request_check",
    "reverse_charges",
    "seed_tax",
    "set_policy",
    "sold_unproven",
    "territory",
    "threshold_of",
    "want_rates",
]
