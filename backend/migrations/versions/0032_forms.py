"""What alike invoices say in the same words is said once: who sells, and the inputs of their lines' numbers."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from nextbill.runtime import ddl

revision = "0032_forms"
down_revision = "0031_lighter_nights"
branch_labels = None
depends_on = None

FORM, INVOICE, LINE = "invoicing_form", "invoicing_invoice", "invoicing_invoice_line"
CUSTOMER = "customers_customer p where p.id = a.customer_id"
PARENTS = {
    "customer_id": f"(select 1) one where a.payable_id is not null or exists (select 1 from {CUSTOMER})",
    "payable_id": "payments_payable p where p.id = a.payable_id and p.customer_id = a.customer_id",
}
"""As migration 0029 left them."""
BUYERS = (INVOICE, "invoicing_proforma", "invoicing_credit_note")
UNKNOWN = json.dumps(dict.fromkeys(("company", "tax_id", "address_line_1", "address_line_2", "city", "state", "postal_code", "invoice_email")))
ONE = "num_nonnulls(seller, form_id) = 1"


def upgrade() -> None:
    op.create_table(
        FORM,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("seller", JSONB(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(seller) = 'object' and jsonb_typeof(details) = 'array'", name=op.f("ck_invoicing_form_kinds")),
    )
    ddl.append_only(FORM)
    ddl.internal(FORM, work="select, insert")
    op.execute(f"alter table {INVOICE} add column form_id uuid, alter column seller drop not null, add constraint ck_{INVOICE}_form check ({ONE})")
    _seen()
    ddl.no_refers(INVOICE)
    ddl.refers(INVOICE, {**PARENTS, "form_id": f"{FORM} p where p.id = a.form_id"})


def _seen() -> None:
    """A customer sees the forms of their invoices: there are few of these, and each is found by its customer."""
    op.execute(f"alter table {FORM} enable row level security")
    op.execute(f"grant select on {FORM} to {ddl.APP}")
    op.execute(
        f"create policy {FORM}_app on {FORM} for select to {ddl.APP} "
        f"using (exists (select 1 from {INVOICE} i where i.customer_id = {ddl.CALLER} and i.form_id = {FORM}.id))"
    )
    op.execute(f"create policy {FORM}_work on {FORM} for all to {ddl.WORK} using (true) with check (true)")


def downgrade() -> None:
    """Each says it by itself again, a buyer's copy also what is not known: releases before this one look for it."""
    ddl.no_refers(INVOICE)
    for table in (*BUYERS, LINE):
        op.execute(f"alter table {table} disable trigger user")
    for table in BUYERS:
        op.execute(f"update {table} set buyer = '{UNKNOWN}'::jsonb || buyer where not buyer ?& array(select jsonb_object_keys('{UNKNOWN}'::jsonb))")
    op.execute(
        f"update {LINE} l set details = f.details -> (l.position - 1) || l.details from {INVOICE} i join {FORM} f on f.id = i.form_id where i.id = l.invoice_id"
    )
    op.execute(f"alter table {INVOICE} drop constraint ck_{INVOICE}_form")
    op.execute(f"update {INVOICE} i set seller = f.seller from {FORM} f where f.id = i.form_id")
    for table in (LINE, *BUYERS):
        op.execute(f"alter table {table} enable trigger user")
    op.drop_table(FORM)
    op.execute(f"alter table {INVOICE} drop column form_id, alter column seller set not null")
    ddl.refers(INVOICE, PARENTS)
