"""Staff: the shop's policy and its rules, and what a sale would bear by them. Each change is audited with its reason."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from nextbill.capabilities import identity
from nextbill.capabilities.tax.commands.policy import set_policy
from nextbill.capabilities.tax.commands.rules import add_rule, end_rule
from nextbill.capabilities.tax.errors import TaxNotKnown, TaxRateMissing, TaxRuleNotFound
from nextbill.capabilities.tax.http.shapes import EndRule, NewRule, PolicyBody, PolicyChange, PreviewedLine, PreviewRequest, RuleBody
from nextbill.capabilities.tax.queries.assess import assess
from nextbill.capabilities.tax.queries.policies import list_rules, policies, rules_of
from nextbill.capabilities.tax.rules import TaxableLine, in_words
from nextbill.capabilities.tax.rules.wording import LANGUAGES
from nextbill.kernel.clock import business_date
from nextbill.kernel.errors import Invalid
from nextbill.kernel.money import Money, MoneyError
from nextbill.runtime.database import Role
from nextbill.runtime.web import problem
from nextbill.runtime.web.access import Caller, NotAuthenticated, NotPermitted, needs
from nextbill.runtime.web.context import Context, Ctx
from nextbill.runtime.web.paging import Page, Pages

router = APIRouter(prefix="/admin/tax", tags=["admin"])
Reader = Annotated[Caller, Depends(needs("tax.read"))]
Manager = Annotated[Caller, Depends(needs("tax.manage"))]
DENIALS = (NotAuthenticated, NotPermitted, Invalid)


class PoliciesBody(BaseModel):
    """The newest version first; empty where the shop has no policy and only its rules by country apply."""

    items: list[PolicyBody]


class PreviewBody(BaseModel):
    lines: list[PreviewedLine]


@router.get("/policies", responses=problem.responses(*DENIALS), summary="The tax policy in all its versions")
async def list_policies(ctx: Ctx, _caller: Reader) -> PoliciesBody:
    async with ctx.database.reading(Role.WORK) as tx:
        return PoliciesBody(items=[PolicyBody.of(found) for found in await policies(tx)])


@router.post("/policies", status_code=201, responses=problem.responses(*DENIALS), summary="Change the tax policy")
async def change_policy(body: PolicyChange, ctx: Ctx, caller: Manager) -> PolicyBody:
    """Makes a new version; documents that exist keep what they say."""
    today = _today(ctx)
    on = body.effective_on or today
    if on < today:
        raise Invalid(fields={"effective_on": "today or later: what was decided by the old version stays"})
    changes = {"home_currency": ctx.settings.currency, **body.changes()}
    async with ctx.database.writing(Role.WORK) as tx:
        made = await set_policy(tx, changes=changes, effective_on=on, actor=_actor(caller), now=ctx.clock.now())
        await identity.audit(
            tx,
            actor=_actor(caller),
            action="tax.policy_changed",
            object_type="tax_policy",
            object_id=made.id,
            reason=body.reason,
            detail={"version": made.version, "changed": sorted(body.changes())},
            now=ctx.clock.now(),
        )
    return PolicyBody.of(made)


@router.get("/rules", responses=problem.responses(*DENIALS), summary="Tax rules")
async def list_all_rules(
    ctx: Ctx, _caller: Reader, pages: Pages, country: Annotated[str | None, Query(pattern="^[A-Z]{2}$")] = None, on: date | None = None
) -> Page[RuleBody]:
    """`on`: only those in force on that day."""
    async with ctx.database.reading(Role.WORK) as tx:
        found = await list_rules(tx, pages, country=country, on=on)
    return pages.page(found, RuleBody.of, lambda rule: rule.id)


@router.post("/rules", status_code=201, responses=problem.responses(*DENIALS), summary="Add a tax rule")
async def create_rule(body: NewRule, ctx: Ctx, caller: Manager) -> RuleBody:
    if body.valid_until is not None and body.valid_until <= body.valid_from:
        raise Invalid(fields={"valid_until": "a day after the rule's first one"})
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        rule_id = await add_rule(tx, **body.model_dump(exclude={"reason"}), now=now)
        audit: dict[str, Any] = {"action": "tax.rule_added", "object_type": "tax_rule", "object_id": rule_id, "reason": body.reason}
        await identity.audit(tx, actor=_actor(caller), **audit, now=now)
        return RuleBody.of(next(rule for rule in await rules_of(tx, [body.country]) if rule.id == rule_id))


@router.post("/rules/{rule_id}/end", responses=problem.responses(*DENIALS, TaxRuleNotFound), summary="End a tax rule")
async def end_existing_rule(rule_id: UUID, body: EndRule, ctx: Ctx, caller: Manager) -> RuleBody:
    """What a rule says never changes: end it, and add another one."""
    now = ctx.clock.now()
    async with ctx.database.writing(Role.WORK) as tx:
        ended = await end_rule(tx, rule_id, valid_until=body.valid_until)
        audit: dict[str, Any] = {"action": "tax.rule_ended", "object_type": "tax_rule", "object_id": rule_id, "reason": body.reason}
        await identity.audit(tx, actor=_actor(caller), **audit, now=now)
    return RuleBody.of(ended)


@router.post("/preview", responses=problem.responses(*DENIALS, TaxRateMissing, TaxNotKnown), summary="What would a sale bear, and why?")
async def preview(body: PreviewRequest, ctx: Ctx, _caller: Reader) -> PreviewBody:
    """Decides as a checkout would, and writes nothing."""
    try:
        lines = [TaxableLine(str(i), line.product_class, Money(line.price.amount, line.price.currency)) for i, line in enumerate(body.lines)]
        async with ctx.database.reading(Role.WORK) as tx:
            found = await assess(
                tx,
                lines=lines,
                country=body.country,
                state=body.state,
                status=body.status,
                tax_id=body.tax_id,
                on=body.on or _today(ctx),
                customer_id=body.customer_id,
                postal_code=body.postal_code,
            )
    except MoneyError:
        raise Invalid(fields={"lines": "prices of one currency by ISO 4217"}) from None
    words = [{language: in_words(line.reason, line.params, language) for language in LANGUAGES} for line in found]
    return PreviewBody(lines=[PreviewedLine.of(line, told) for line, told in zip(found, words, strict=True)])


def _today(ctx: Context) -> date:
    return business_date(ctx.clock.now(), ctx.settings.company_time_zone)


def _actor(caller: Caller) -> str:
    return f"staff:{caller.login_id}"
