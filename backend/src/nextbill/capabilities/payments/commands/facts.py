"""What every event of an attempt or a refund tells."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from nextbill.capabilities.payments.models import AttemptRow, PayableRow, RefundRow


class AttemptFacts(TypedDict):
    attempt_id: UUID
    payable_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID


class ChargeFacts(AttemptFacts):
    method_id: UUID
    amount_minor: int
    currency: str


class CollectionFacts(TypedDict):
    payable_id: UUID
    customer_id: UUID
    reference_type: str
    reference_id: UUID
    amount_minor: int
    currency: str


class RefundFacts(AttemptFacts):
    refund_id: UUID
    amount_minor: int
    currency: str
    surplus: bool


def facts_of(payable: PayableRow, attempt: AttemptRow) -> AttemptFacts:
    return {
        "attempt_id": attempt.id,
        "payable_id": payable.id,
        "customer_id": attempt.customer_id,
        "reference_type": payable.reference_type,
        "reference_id": payable.reference_id,
    }


def refund_facts(payable: PayableRow, attempt: AttemptRow, refund: RefundRow) -> RefundFacts:
    return {
        **facts_of(payable, attempt),
        "refund_id": refund.id,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "surplus": refund.surplus,
    }


def charge_facts(payable: PayableRow, attempt: AttemptRow) -> ChargeFacts:
    if attempt.method_id is None:
        raise LookupError("a charge names its card")
    return {**facts_of(payable, attempt), "method_id": attempt.method_id, "amount_minor": attempt.amount_minor, "currency": attempt.currency}


def collection_facts(payable: PayableRow) -> CollectionFacts:
    return {
        "payable_id": payable.id,
        "customer_id": payable.customer_id,
        "reference_type": payable.reference_type,
        "reference_id": payable.reference_id,
        "amount_minor": payable.amount_minor,
        "currency": payable.currency,
    }
