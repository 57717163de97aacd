"""Shapes of tax on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from nextbill.capabilities.tax.queries.buyers import Evidence, GrantedExemption, IdCheck, TaxId
from nextbill.capabilities.tax.queries.tasks import Task
from nextbill.capabilities.tax.rules import BuyerKind, IdState, Policy, ProofKind, TaxCategory, TaxedLine, TaxRule
from nextbill.capabilities.tax.rules.policy import LateProof, Oss, ProviderFailure, RoundingMode, RoundingScope
from nextbill.runtime.web.shapes import Body, MoneyBody

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class PolicyChange(Body):
    """What is left out stays as it is. `threshold_minor`: in home currency, €10,000 where it is the euro; staff enters the amount of another one.

    `small_business_notes`: by language, what documents say instead of the country's usual words."""

    effective_on: date | None = None
    seller_country: Country | None = None
    requester_id: Line | None = Field(None, examples=["DE136695976"])
    oss: Oss | None = None
    threshold_minor: int | None = Field(None, ge=0, strict=True)
    small_business: bool | None = None
    small_business_notes: dict[Literal["en", "de"], Line] | None = None
    inclusive: bool | None = None
    inclusive_by_country: dict[Country, bool] | None = Field(None, max_length=300)
    rounding_scope: RoundingScope | None = None
    rounding_mode: RoundingMode | None = None
    third_country: Literal["O", "G"] | None = None
    recheck_days: int | None = Field(None, ge=1, le=366)
    late_proof: LateProof | None = None
    provider_countries: list[Country] | None = Field(None, max_length=300)
    provider_failure: ProviderFailure | None = None
    reason: Reason

    def changes(self) -> dict[str, Any]:
        given = self.model_dump(exclude_unset=True, exclude={"effective_on", "reason"})
        return {name: value for name, value in given.items() if value is not None or name in ("requester_id", "threshold_minor")}


class PolicyBody(BaseModel):
    id: UUID
    version: int
    effective_on: date
    seller_country: str
    home_currency: str
    requester_id: str | None
    oss: Oss
    threshold_minor: int | None
    small_business: bool
    small_business_notes: Mapping[str, str]
    inclusive: bool
    inclusive_by_country: Mapping[str, bool]
    rounding_scope: RoundingScope
    rounding_mode: RoundingMode
    third_country: Literal["O", "G"]
    recheck_days: int
    late_proof: LateProof
    provider_countries: list[str]
    provider_failure: ProviderFailure

    @classmethod
    def of(cls, policy: Policy) -> PolicyBody:
        values = {name: getattr(policy, name) for name in cls.model_fields}
        return cls(**{**values, "provider_countries": list(policy.provider_countries)})


class NewRule(Body):
    """`rate_ppm` in parts per million: 19 % is 190000. What is left out of state and product class means all of them."""

    country: Country = Field(examples=["CH"])
    state: Line | None = None
    product_class: Line | None = Field(None, examples=["hosting"])
    buyer: BuyerKind = "any"
    rate_ppm: int = Field(ge=0, le=1_000_000, strict=True, examples=[81000])
    name: Line = Field(examples=["MWST 8.1 %"])
    valid_from: date
    valid_until: date | None = None
    category: TaxCategory | None = None
    exemption_code: Line | None = Field(None, examples=["VATEX-EU-132"])
    reason: Reason


class EndRule(Body):
    """`valid_until`: the first day on which the rule no longer holds."""

    valid_until: date
    reason: Reason


class RuleBody(BaseModel):
    id: UUID
    country: str
    state: str | None
    product_class: str | None
    buyer: BuyerKind
    rate_ppm: int
    name: str
    valid_from: date
    valid_until: date | None
    category: TaxCategory
    exemption_code: str | None
    version: int

    @classmethod
    def of(cls, rule: TaxRule) -> RuleBody:
        return cls(**{name: getattr(rule, name) for name in cls.model_fields})


class PreviewLine(Body):
    product_class: Line = Field(examples=["hosting"])
    price: MoneyBody


class PreviewRequest(Body):
    """A sale that is not made: what would it bear, and why?"""

    country: Country
    state: Line | None = None
    postal_code: Line | None = None
    status: Literal["consumer", "business"] = "consumer"
    tax_id: Line | None = None
    customer_id: UUID | None = None
    on: date | None = None
    lines: list[PreviewLine] = Field(min_length=1, max_length=50)


class PreviewedLine(BaseModel):
    """`words` says why, in each language of documents."""

    net: MoneyBody
    tax: MoneyBody
    rate_ppm: int
    category: str
    exemption_code: str | None
    reason: str
    scheme: str
    place: str | None
    rule_id: UUID | None
    rule_version: int | None
    words: dict[str, str]

    @classmethod
    def of(cls, line: TaxedLine, words: dict[str, str]) -> PreviewedLine:
        same = ("rate_ppm", "category", "exemption_code", "reason", "scheme", "place", "rule_id", "rule_version")
        return cls(net=MoneyBody.of(line.net), tax=MoneyBody.of(line.tax), words=words, **{name: getattr(line, name) for name in same})


class TaxIdBody(BaseModel):
    """`problem`: the register's word where it does not answer; `next_at`: when it is asked again by itself."""

    customer_id: UUID
    tax_id: str
    country: str
    state: IdState
    problem: str | None
    checked_at: datetime | None
    next_at: datetime | None

    @classmethod
    def of(cls, found: TaxId) -> TaxIdBody:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class IdCheckBody(BaseModel):
    """`request_identifier`: the register's reference, the proof that it was asked. Name and address as it told them."""

    id: UUID
    tax_id: str
    outcome: Literal["valid", "invalid", "unavailable"]
    reason: str | None
    request_identifier: str | None
    name: str | None
    address: str | None
    at: datetime

    @classmethod
    def of(cls, found: IdCheck) -> IdCheckBody:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class NewExemption(Body):
    """`document`: where the certificate is kept. Both days are within it."""

    country: Country
    state: Line | None = None
    number: Line = Field(examples=["EX-2026-118"])
    document: Line = Field(examples=["archive/2026/118.pdf"])
    valid_from: date
    valid_until: date
    reason: Reason


class EndExemption(Body):
    last_day: date
    reason: Reason


class ExemptionBody(BaseModel):
    id: UUID
    customer_id: UUID
    country: str
    state: str | None
    number: str
    document: str
    valid_from: date
    valid_until: date
    granted_at: datetime
    granted_by: str

    @classmethod
    def of(cls, found: GrantedExemption) -> ExemptionBody:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class EvidenceBody(BaseModel):
    subject_type: str
    subject_id: UUID
    kind: ProofKind
    country: str
    source_type: str
    source_id: UUID | None
    at: datetime

    @classmethod
    def of(cls, found: Evidence) -> EvidenceBody:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class TaxedBuyerBody(BaseModel):
    """Everything that tax knows of a customer."""

    tax_id: TaxIdBody | None
    checks: list[IdCheckBody]
    exemptions: list[ExemptionBody]
    evidence: list[EvidenceBody]


class TaskBody(BaseModel):
    id: UUID
    kind: Literal["location_conflict", "late_proof", "wrong_place"]
    customer_id: UUID
    subject_type: str
    subject_id: UUID
    detail: Mapping[str, Any]
    state: Literal["open", "done", "dismissed"]
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None

    @classmethod
    def of(cls, found: Task) -> TaskBody:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class CloseTask(Body):
    """`done`: somebody has seen to it. `dismissed`: nothing is to be done."""

    state: Literal["done", "dismissed"]
    note: Reason
