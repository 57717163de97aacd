"""Tax ids and their checks, exemptions, evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import any_, select

from nextbill.capabilities.tax.models import EvidenceRow, ExemptionRow, IdCheckRow, TaxIdRow
from nextbill.capabilities.tax.rules import Exemption, IdState, Policy, Proof, ProofKind
from nextbill.capabilities.tax.rules.union import Territory, union_id
from nextbill.runtime import bulk
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import ReadTx, Tx


@dataclass(frozen=True, slots=True)
class TaxId:
    """As it stands. `problem`: the register's word where it does not answer. `next_at`: when it is asked again by itself."""

    customer_id: UUID
    tax_id: str
    country: str
    state: IdState
    problem: str | None
    requested_at: datetime
    checked_at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class IdCheck:
    """One answer. Name and address as the register told them, None where it did not or they were erased."""

    id: UUID
    tax_id: str
    outcome: str
    reason: str | None
    request_identifier: str | None
    name: str | None
    address: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class GrantedExemption:
    """`document` refers to where the certificate is kept. Both days are within it."""

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


@dataclass(frozen=True, slots=True)
class Evidence:
    subject_type: str
    subject_id: UUID
    kind: ProofKind
    country: str
    source_type: str
    source_id: UUID | None
    at: datetime

    @property
    def proof(self) -> Proof:
        return Proof(self.kind, self.country)


async def find_tax_id(tx: ReadTx, customer_id: UUID) -> TaxId | None:
    row = await tx.get(TaxIdRow, customer_id, populate_existing=True)
    return _tax_id(row) if row else None


async def tax_ids(tx: ReadTx, *, state: str | None, after: UUID | None, limit: int) -> list[TaxId]:
    """By customer id, the youngest customers first; for staff."""
    statement = select(TaxIdRow).order_by(TaxIdRow.customer_id.desc()).limit(limit + 1)
    if state is not None:
        statement = statement.where(TaxIdRow.state == state)
    if after is not None:
        statement = statement.where(TaxIdRow.customer_id < after)
    return [_tax_id(row) for row in await tx.scalars(statement)]


async def lock_tax_id(tx: Tx, customer_id: UUID) -> TaxIdRow | None:
    statement = select(TaxIdRow).where(TaxIdRow.customer_id == customer_id).with_for_update()
    return (await tx.scalars(statement, execution_options={"populate_existing": True})).one_or_none()


async def id_state(tx: ReadTx, customer_id: UUID | None, *, tax_id: str | None, buyer: Territory, on: date, policy: Policy | None) -> IdState:
    """What a tax id is worth on a day: only `valid` lets a sale into another member state go without VAT."""
    asked = customer_id is not None and bool(tax_id) and buyer.member
    known = await find_tax_id(tx, customer_id) if asked and customer_id is not None else None
    return _worth(known, tax_id=tax_id, buyer=buyer, on=on, policy=policy)


def _worth(known: TaxId | None, *, tax_id: str | None, buyer: Territory, on: date, policy: Policy | None) -> IdState:
    if not tax_id:
        return "none"
    if not buyer.member:
        return "unchecked"
    if known is None or known.tax_id != tax_id:
        return "pending"
    if known.state != "valid":
        return known.state
    asked = union_id(tax_id, buyer.country)
    if asked is None or asked.country != buyer.country:
        return "invalid"
    days = policy.recheck_days if policy else 30
    return "stale" if known.checked_at is None or (on - known.checked_at.date()).days > days else "valid"


@dataclass(frozen=True, slots=True)
class Buyers:
    """What is known of some customers on a day: their tax ids, and the exemptions in force, the last granted first."""

    ids: Mapping[UUID, TaxId]
    exemptions: Mapping[UUID, Sequence[GrantedExemption]]

    def know(self, customer_id: UUID | None) -> bool:
        return customer_id in self.ids or customer_id in self.exemptions

    def id_state(self, customer_id: UUID | None, *, tax_id: str | None, buyer: Territory, on: date, policy: Policy | None) -> IdState:
        """As the function of that name."""
        known = self.ids.get(customer_id) if customer_id is not None else None
        return _worth(known, tax_id=tax_id, buyer=buyer, on=on, policy=policy)

    def exemption(self, customer_id: UUID | None, *, country: str, state: str | None) -> Exemption | None:
        granted_ones = self.exemptions.get(customer_id, ()) if customer_id is not None else ()
        here = (one for one in granted_ones if one.country == country and one.state in (None, state))
        found = next(here, None)
        return Exemption(found.number, found.country) if found else None


async def buyers_on(tx: ReadTx, customer_ids: Collection[UUID], *, on: date) -> Buyers:
    """Two reads, however many they are."""
    if not customer_ids:
        return Buyers({}, {})
    wanted = bulk.ids(set(customer_ids))
    ids = await tx.scalars(select(TaxIdRow).where(TaxIdRow.customer_id == any_(wanted)))
    exempt = select(ExemptionRow).where(ExemptionRow.customer_id == any_(wanted), ExemptionRow.valid_from <= on, ExemptionRow.valid_until >= on)
    exemptions: dict[UUID, list[GrantedExemption]] = {}
    for row in await tx.scalars(exempt.order_by(ExemptionRow.id.desc())):
        exemptions.setdefault(row.customer_id, []).append(granted(row))
    return Buyers({row.customer_id: _tax_id(row) for row in ids}, exemptions)


async def checks_of(tx: ReadTx, customer_id: UUID, *, cipher: FieldCipher) -> list[IdCheck]:
    """The last hundred, newest first."""
    rows = await tx.scalars(select(IdCheckRow).where(IdCheckRow.customer_id == customer_id).order_by(IdCheckRow.id.desc()).limit(100))

    def opened(row: IdCheckRow, column: str) -> str | None:
        sealed = getattr(row, column)
        return cipher.decrypt(sealed, table="tax_id_check", row=row.id, column=column) if sealed else None

    return [
        IdCheck(row.id, row.tax_id, row.outcome, row.reason, row.request_identifier, opened(row, "name"), opened(row, "address"), row.at)
        for row in rows
    ]


async def exemptions_of(tx: ReadTx, customer_id: UUID) -> list[GrantedExemption]:
    rows = await tx.scalars(select(ExemptionRow).where(ExemptionRow.customer_id == customer_id).order_by(ExemptionRow.id.desc()).limit(100))
    return [granted(row) for row in rows]


async def evidence_of(tx: ReadTx, *, subject_type: str, subject_id: UUID) -> list[Evidence]:
    rows = await tx.scalars(
        select(EvidenceRow).where(EvidenceRow.subject_type == subject_type, EvidenceRow.subject_id == subject_id).order_by(EvidenceRow.id)
    )
    return [_evidence(row) for row in rows]


async def evidence_of_customer(tx: ReadTx, customer_id: UUID) -> Sequence[Evidence]:
    """The last two hundred, newest first."""
    rows = await tx.scalars(select(EvidenceRow).where(EvidenceRow.customer_id == customer_id).order_by(EvidenceRow.id.desc()).limit(200))
    return [_evidence(row) for row in rows]


def granted(row: ExemptionRow) -> GrantedExemption:
    days = (row.valid_from, row.valid_until, row.granted_at, row.granted_by)
    return GrantedExemption(row.id, row.customer_id, row.country, row.state, row.number, row.document, *days)


def _evidence(row: EvidenceRow) -> Evidence:
    return Evidence(row.subject_type, row.subject_id, cast("ProofKind", row.kind), row.country, row.source_type, row.source_id, row.at)


def _tax_id(row: TaxIdRow) -> TaxId:
    times = (row.requested_at, row.checked_at, row.next_at)
    return TaxId(row.customer_id, row.tax_id, row.country, cast("IdState", row.state), row.problem, *times)
