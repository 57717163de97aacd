"""What waits for staff: parked steps, with their subjects in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from nextbill.capabilities import orders
from nextbill.capabilities.admin.rules import SUBJECTS, cause, retry_would
from nextbill.capabilities.customers.models import CustomerRow
from nextbill.capabilities.domains.models import DomainRow
from nextbill.capabilities.hosting.models import AccountRow, ChangeRow
from nextbill.capabilities.identity.models import LoginRow
from nextbill.capabilities.invoicing.models import ProformaRow
from nextbill.capabilities.notifications.models import Mail
from nextbill.capabilities.orders.models import LineRow, OrderRow
from nextbill.capabilities.payments.models import AttemptRow, PayableRow, RefundRow
from nextbill.kernel.money import Money
from nextbill.runtime.database import ReadTx
from nextbill.runtime.models import StepRow
from nextbill.runtime.web.paging import Paging


@dataclass(frozen=True, slots=True)
class Subject:
    """`order_id`: the order that it belongs to, where it belongs to one."""

    name: str
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Parked:
    """A step that waits for staff. `cause` in words, `reason` the stable word, `detail` the vendor's."""

    step_id: UUID
    step: str
    subject_type: str
    subject_id: UUID
    subject: str
    order_id: UUID | None
    customer_id: UUID | None
    customer: str | None
    email: str | None
    cause: str
    reason: str | None
    detail: str | None
    since: datetime
    retry_would: str
    correlation: str


async def list_parked(tx: ReadTx, paging: Paging) -> list[Parked]:
    """Newest request first, one more than the page."""
    statement = (
        select(StepRow, CustomerRow.name, LoginRow.email)
        .outerjoin(CustomerRow, CustomerRow.id == StepRow.customer_id)
        .outerjoin(LoginRow, LoginRow.customer_id == StepRow.customer_id)
        .where(StepRow.state == "parked")
    )
    rows = (await tx.execute(paging.apply(statement, StepRow.id))).all()
    subjects = await _subjects(tx, [row.StepRow.subject_id for row in rows])
    return [_parked(row.StepRow, row.name, row.email, subjects.get(row.StepRow.subject_id)) for row in rows]


def _parked(step: StepRow, customer: str | None, email: str | None, subject: Subject | None) -> Parked:
    return Parked(
        step_id=step.id,
        step=step.name,
        subject_type=SUBJECTS.get(step.name, "object"),
        subject_id=step.subject_id,
        subject=subject.name if subject else str(step.subject_id),
        order_id=subject.order_id if subject else None,
        customer_id=step.customer_id,
        customer=customer,
        email=email,
        cause=cause(step.reason, step.detail),
        reason=step.reason,
        detail=step.detail,
        since=step.changed_at,
        retry_would=retry_would(certain=step.certain),
        correlation=step.correlation,
    )


async def _subjects(tx: ReadTx, ids: Sequence[UUID]) -> dict[UUID, Subject]:
    """One read for each kind of subject; ids are unique across tables."""
    if not ids:
        return {}
    found: dict[UUID, Subject] = {}
    for id_, name, order_id in await _all(tx, _delivered(ids)):
        found[id_] = Subject(name, order_id)
    for id_, minor, currency, number, order_id in await _all(tx, _money(ids)):
        found[id_] = Subject(f"{Money(minor, currency)}{f' for order {number}' if number else ''}", order_id)
    for id_, kind, subject in await tx.execute(select(Mail.id, Mail.kind, Mail.subject).where(Mail.id.in_(ids))):
        found[id_] = Subject(f"{kind}: {subject}")
    return found


async def _all(tx: ReadTx, statements: Iterable[Select[*tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    return [tuple(row) for statement in statements for row in await tx.execute(statement)]


def _delivered(ids: Sequence[UUID]) -> list[Select[*tuple[Any, ...]]]:
    of_line = (LineRow.id == AccountRow.reference_id) & (AccountRow.reference_type == orders.LINE)
    accounts = select(AccountRow.id, AccountRow.domain, LineRow.order_id).outerjoin(LineRow, of_line)
    changes = select(ChangeRow.id, AccountRow.domain, LineRow.order_id).join(AccountRow, AccountRow.id == ChangeRow.account_id)
    named = (LineRow.id == DomainRow.reference_id) & (DomainRow.reference_type == orders.LINE)
    domains = select(DomainRow.id, DomainRow.name, LineRow.order_id).outerjoin(LineRow, named)
    return [
        accounts.where(AccountRow.id.in_(ids)),
        changes.outerjoin(LineRow, of_line).where(ChangeRow.id.in_(ids)),
        domains.where(DomainRow.id.in_(ids)),
    ]


def _money(ids: Sequence[UUID]) -> list[Select[*tuple[Any, ...]]]:
    ordered = (OrderRow.id == ProformaRow.origin_id) & (ProformaRow.origin_type == orders.ORDER)
    attempts = select(AttemptRow.id, AttemptRow.amount_minor, AttemptRow.currency, OrderRow.number, OrderRow.id)
    refunds = select(RefundRow.id, RefundRow.amount_minor, RefundRow.currency, OrderRow.number, OrderRow.id)
    return [
        statement.join(PayableRow, PayableRow.id == AttemptRow.payable_id)
        .outerjoin(ProformaRow, ProformaRow.payable_id == PayableRow.id)
        .outerjoin(OrderRow, ordered)
        .where(column.in_(ids))
        for statement, column in (
            (attempts, AttemptRow.id),
            (refunds.join(AttemptRow, AttemptRow.id == RefundRow.attempt_id), RefundRow.id),
        )
    ]
