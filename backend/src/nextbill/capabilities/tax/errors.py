"""Refusals of tax."""

from __future__ import annotations

from typing import ClassVar

from nextbill.kernel.errors import Conflict, NotFound, Problem


class TaxRateMissing(Conflict):
    """A shop in the Union sells nothing untaxed by accident."""

    code, title = "tax_rate_missing", "There is no tax rate for this country yet"


class TaxNotKnown(Problem):
    """The provider has not answered, and the policy does not let our own rules stand in."""

    code: ClassVar[str] = "tax_not_known"
    status: ClassVar[int] = 503
    title: ClassVar[str] = "The tax for this address is not known yet; try again in a moment"


class TaxRuleNotFound(NotFound):
    code, title = "tax_rule_not_found", "There is no such tax rule"


class TaxIdNotFound(NotFound):
    code, title = "tax_id_not_found", "This customer has no tax id"


class ExemptionNotFound(NotFound):
    code, title = "tax_exemption_not_found", "There is no such exemption"


class TaxTaskNotFound(NotFound):
    code, title = "tax_task_not_found", "There is no such task"


class TaxTaskClosed(Conflict):
    code, title = "tax_task_closed", "This task is closed already"
