"""Lines that tell how their number came about: discount, category of tax, inputs; references of the buyer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0018_invoicing"
down_revision = "0014_notifications"
branch_labels = None
depends_on = None

LINES = ("invoicing_proforma_line", "invoicing_invoice_line", "invoicing_credit_note_line")
LINE = (
    "quantity > 0 and discount_minor >= 0 and unit_net_minor * quantity - discount_minor = net_minor "
    "and (discount_minor > 0) = (discount_note is not null)"
)
CATEGORY = "tax_category in ('S','Z','E','AE','K','G','O')"
REFERENCES = ("buyer_reference", "order_number", "notes")


def upgrade() -> None:
    _lines()
    _references()


def _lines() -> None:
    _credit_note_lines()
    for table in LINES:
        op.add_column(table, sa.Column("discount_minor", sa.BigInteger, nullable=False, server_default=sa.text("0")))
        op.add_column(table, sa.Column("discount_note", sa.Text))
        op.add_column(table, sa.Column("tax_category", sa.Text))
        op.add_column(table, sa.Column("tax_exemption_code", sa.Text))
        op.add_column(table, sa.Column("details", pg.JSONB, nullable=False, server_default=sa.text("'{}'")))
        _untouched(table, f"update {table} set tax_category = case when tax_rate_ppm > 0 then 'S' when tax_rule_id is null then 'O' else 'Z' end")
        op.alter_column(table, "tax_category", nullable=False)
        op.create_check_constraint("line", table, LINE)
        op.create_check_constraint("tax_category", table, CATEGORY)


def _credit_note_lines() -> None:
    """What the line of the invoice says is said here too, so that the note stands by itself."""
    table = "invoicing_credit_note_line"
    for column in (sa.Column("product_class", sa.Text), sa.Column("quantity", sa.Integer), sa.Column("unit_net_minor", sa.BigInteger)):
        op.add_column(table, column)
    op.add_column(table, sa.Column("tax_rule_id", sa.Uuid))
    copied = ("product_class", "quantity", "unit_net_minor", "tax_rule_id")
    taken = ", ".join(f"{name} = sold.{name}" for name in copied)
    _untouched(table, f"update {table} line set {taken} from invoicing_invoice_line sold where sold.id = line.invoice_line_id")
    for name in copied[:3]:
        op.alter_column(table, name, nullable=False)
    op.drop_constraint("uq_invoicing_credit_note_line_invoice_line_id", table)
    op.create_index("ix_invoicing_credit_note_line_invoice_line_id", table, ["invoice_line_id"])


def _untouched(table: str, statement: str) -> None:
    """Issued lines stay as they are, for everybody: only a migration may fill in what they did not say yet."""
    op.execute(f"alter table {table} disable trigger user")
    op.execute(statement)
    op.execute(f"alter table {table} enable trigger user")


def _references() -> None:
    for table in ("invoicing_proforma", "invoicing_invoice"):
        for name in REFERENCES:
            op.add_column(table, sa.Column(name, sa.Text))
    op.add_column("invoicing_invoice", sa.Column("terms_days", sa.Integer))
    op.create_check_constraint("terms", "invoicing_invoice", "terms_days between 0 and 365")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_invoicing_invoice_terms"), "invoicing_invoice")
    op.drop_column("invoicing_invoice", "terms_days")
    for table in ("invoicing_proforma", "invoicing_invoice"):
        for name in REFERENCES:
            op.drop_column(table, name)
    for table in LINES:
        for name in ("line", "tax_category"):
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
        for name in ("discount_minor", "discount_note", "tax_category", "tax_exemption_code", "details"):
            op.drop_column(table, name)
    table = "invoicing_credit_note_line"
    op.drop_index("ix_invoicing_credit_note_line_invoice_line_id", table)
    for name in ("product_class", "quantity", "unit_net_minor", "tax_rule_id"):
        op.drop_column(table, name)
    op.create_unique_constraint("uq_invoicing_credit_note_line_invoice_line_id", table, ["invoice_line_id"])
