"""Proformas, invoices, credit notes; gapless numbers; issued documents that nothing changes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0011_invoicing"
down_revision = "0010_domains"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
AMOUNTS = "net_minor >= 0 and tax_minor >= 0 and total_minor = net_minor + tax_minor"
ISSUED = "(state = 'draft') = (number is null) and num_nulls(series, sequence, number, issued_on, due_on, issued_at) in (0, 6)"
PROGRESS = "due_minor between 0 and total_minor and paid_minor between 0 and total_minor and credited_minor between 0 and total_minor"
PROFORMA_MOVES = {"open": ("invoiced", "cancelled")}
INVOICE_MOVES = {"draft": ("open",), "open": ("paid", "void", "uncollectible"), "uncollectible": ("paid", "void")}
# Functions that judge rows look as the owner does: row-level security must not hide one from them.
JUDGE = "language plpgsql security definer set search_path = public, pg_temp"


def _amounts() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("currency", sa.CHAR(3), nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("net_minor", "tax_minor", "total_minor")),
        sa.CheckConstraint(AMOUNTS, name="amounts"),
    ]


def _owner() -> sa.Column[Any]:
    return sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False)


def _line() -> list[sa.schema.SchemaItem]:
    return [
        _owner(),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("product_class", sa.Text, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("unit_net_minor", sa.BigInteger, nullable=False),
        sa.Column("tax_rate_ppm", sa.Integer, nullable=False),
        sa.Column("tax_note", sa.Text, nullable=False),
        sa.Column("tax_rule_id", sa.Uuid),
        sa.Column("reference_type", sa.Text, nullable=False),
        sa.Column("reference_id", sa.Uuid, nullable=False),
        sa.Column("period_start", sa.Date),
        sa.Column("period_end", sa.Date),
        *_amounts(),
    ]


def upgrade() -> None:
    op.create_table("invoicing_counter", sa.Column("series", sa.Text, primary_key=True), sa.Column("last", sa.Integer, nullable=False))
    op.execute("create sequence invoicing_proforma_number")
    _proformas()
    _invoices()
    _credit_notes()
    _rights()
    _numbers()
    _sums()
    _immutable()


def _proformas() -> None:
    op.create_table(
        "invoicing_proforma",
        sa.Column("id", sa.Uuid, primary_key=True),
        _owner(),
        sa.Column("number", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, sa.CheckConstraint("state in ('open','invoiced','cancelled')", name="state"), nullable=False),
        sa.Column("origin_type", sa.Text, nullable=False),
        sa.Column("origin_id", sa.Uuid, nullable=False),
        sa.Column("payable_id", sa.Uuid, sa.ForeignKey("payments_payable.id"), nullable=False, unique=True),
        sa.Column("buyer", pg.JSONB, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        *_amounts(),
        sa.Index("uq_invoicing_proforma_origin", "origin_type", "origin_id", unique=True, postgresql_where=sa.text("state <> 'cancelled'")),
        sa.Index("ix_invoicing_proforma_customer", "customer_id", "id"),
    )
    op.create_table(
        "invoicing_proforma_line",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("proforma_id", sa.Uuid, sa.ForeignKey("invoicing_proforma.id"), nullable=False),
        *_line(),
        sa.UniqueConstraint("proforma_id", "position"),
    )


def _invoices() -> None:
    op.create_table(
        "invoicing_invoice",
        sa.Column("id", sa.Uuid, primary_key=True),
        _owner(),
        sa.Column("state", sa.Text, sa.CheckConstraint("state in ('draft','open','paid','void','uncollectible')", name="state"), nullable=False),
        sa.Column("series", sa.Text),
        sa.Column("sequence", sa.Integer),
        sa.Column("number", sa.Text, unique=True),
        sa.Column("proforma_id", sa.Uuid, sa.ForeignKey("invoicing_proforma.id"), unique=True),
        sa.Column("origin_type", sa.Text, nullable=False),
        sa.Column("origin_id", sa.Uuid, nullable=False),
        sa.Column("payable_id", sa.Uuid, sa.ForeignKey("payments_payable.id"), nullable=False, unique=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("due_minor", "paid_minor", "credited_minor")),
        sa.Column("buyer", pg.JSONB, nullable=False),
        sa.Column("seller", pg.JSONB, nullable=False),
        sa.Column("issued_on", sa.Date),
        sa.Column("due_on", sa.Date),
        *(sa.Column(name, UTC) for name in ("issued_at", "paid_at")),
        sa.Column("created_at", UTC, nullable=False),
        *_amounts(),
        sa.CheckConstraint(ISSUED, name="issued"),
        sa.CheckConstraint(PROGRESS, name="progress"),
        sa.CheckConstraint("state in ('draft','open','uncollectible') or due_minor = 0", name="due"),
        sa.UniqueConstraint("series", "sequence"),
        sa.Index("ix_invoicing_invoice_customer", "customer_id", "id"),
        sa.Index("ix_invoicing_invoice_origin", "origin_type", "origin_id"),
        sa.Index("ix_invoicing_invoice_open", "due_on", postgresql_where=sa.text("state = 'open'")),
    )
    period = sa.text("period_start is not null and not voided")
    op.create_table(
        "invoicing_invoice_line",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoicing_invoice.id"), nullable=False),
        *_line(),
        sa.Column("voided", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("invoice_id", "position"),
        sa.Index("uq_invoicing_invoice_line_period", "reference_type", "reference_id", "period_start", unique=True, postgresql_where=period),
    )


def _credit_notes() -> None:
    op.create_table(
        "invoicing_credit_note",
        sa.Column("id", sa.Uuid, primary_key=True),
        _owner(),
        sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoicing_invoice.id"), nullable=False, index=True),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False, unique=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("buyer", pg.JSONB, nullable=False),
        sa.Column("seller", pg.JSONB, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("issued_at", UTC, nullable=False),
        *_amounts(),
        sa.UniqueConstraint("series", "sequence"),
    )
    op.create_table(
        "invoicing_credit_note_line",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("credit_note_id", sa.Uuid, sa.ForeignKey("invoicing_credit_note.id"), nullable=False),
        _owner(),
        sa.Column("invoice_line_id", sa.Uuid, sa.ForeignKey("invoicing_invoice_line.id"), nullable=False, unique=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("tax_rate_ppm", sa.Integer, nullable=False),
        sa.Column("tax_note", sa.Text, nullable=False),
        *_amounts(),
        sa.UniqueConstraint("credit_note_id", "position"),
    )


def _rights() -> None:
    for table in ("proforma", "proforma_line"):
        ddl.customer_owned(f"invoicing_{table}", app="select, insert")
    for table in ("invoice", "invoice_line", "credit_note", "credit_note_line"):
        ddl.customer_owned(f"invoicing_{table}", app="select")
    ddl.internal("invoicing_counter", work="select")
    op.execute(f"grant usage on sequence invoicing_proforma_number to {ddl.APP}, {ddl.WORK}")
    ddl.state_machine("invoicing_proforma", PROFORMA_MOVES)
    ddl.state_machine("invoicing_invoice", INVOICE_MOVES)
    for table in ("proforma_line", "credit_note", "credit_note_line"):
        ddl.append_only(f"invoicing_{table}")
    for table in ("proforma", "invoice", "invoice_line", "counter"):
        op.execute(
            f"create trigger invoicing_{table}_no_truncate before truncate on invoicing_{table} for each statement execute function refuse_change()"
        )


def _numbers() -> None:
    """The only way to move a counter: by one, by the worker's role, and not without the document that bears the number."""
    op.execute(
        f"""create function invoicing_next_number(wanted text) returns integer {JUDGE} as $$
        declare place integer;
        begin
            if wanted !~ '^(INV|CN)-[0-9]{{4}}$' then
                raise exception '% is not a series', wanted using errcode = 'invalid_parameter_value';
            end if;
            insert into invoicing_counter as c (series, last) values (wanted, 1)
                on conflict (series) do update set last = c.last + 1 returning c.last into place;
            return place;
        end $$"""
    )
    op.execute("revoke execute on function invoicing_next_number from public")
    op.execute(f"grant execute on function invoicing_next_number to {ddl.WORK}")
    op.execute(
        f"""create function invoicing_refuse_gap() returns trigger {JUDGE} as $$
        begin
            if not exists (select 1 from invoicing_invoice where series = new.series and sequence = new.last)
                and not exists (select 1 from invoicing_credit_note where series = new.series and sequence = new.last) then
                raise exception 'number % of % has no document', new.last, new.series using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
    op.execute(
        "create constraint trigger invoicing_counter_used after insert or update on invoicing_counter deferrable initially deferred "
        "for each row execute function invoicing_refuse_gap()"
    )
    op.execute(
        f"""create function invoicing_refuse_foreign_number() returns trigger {JUDGE} as $$
        begin
            if new.sequence is not null and not exists (select 1 from invoicing_counter where series = new.series and last >= new.sequence) then
                raise exception 'number % of % was not drawn from its counter', new.sequence, new.series using errcode = 'check_violation';
            end if;
            return new;
        end $$"""
    )
    for table in ("invoicing_invoice", "invoicing_credit_note"):
        op.execute(
            f"create trigger {table}_number before insert or update on {table} for each row execute function invoicing_refuse_foreign_number()"
        )


def _sums() -> None:
    """A document without lines, or one that is not their sum, cannot be committed. Arguments: document, lines, column of the lines, own column."""
    op.execute(
        f"""create function invoicing_refuse_wrong_sum() returns trigger {JUDGE} as $$
        declare right_sum boolean; document uuid := (to_jsonb(new) ->> tg_argv[3])::uuid;
        begin
            execute format(
                'select exists (select 1 from %I d join (select count(*) n, sum(net_minor) net, sum(tax_minor) tax, sum(total_minor) total from %I where %I = $1) l
                 on l.n > 0 and l.net = d.net_minor and l.tax = d.tax_minor and l.total = d.total_minor where d.id = $1)', tg_argv[0], tg_argv[1], tg_argv[2]
            ) into right_sum using document;
            if not right_sum then
                raise exception '% % is not the sum of its lines', tg_argv[0], document using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
    for document, lines, column in (
        ("invoicing_proforma", "invoicing_proforma_line", "proforma_id"),
        ("invoicing_invoice", "invoicing_invoice_line", "invoice_id"),
        ("invoicing_credit_note", "invoicing_credit_note_line", "credit_note_id"),
    ):
        only = "when (new.number is not null) " if document == "invoicing_invoice" else ""
        happens = "insert or update" if document == "invoicing_invoice" else "insert"
        op.execute(
            f"create constraint trigger {document}_sum after {happens} on {document} deferrable initially deferred for each row {only}"
            f"execute function invoicing_refuse_wrong_sum('{document}', '{lines}', '{column}', 'id')"
        )
        if document != "invoicing_invoice":
            op.execute(
                f"create constraint trigger {lines}_sum after insert on {lines} deferrable initially deferred for each row "
                f"execute function invoicing_refuse_wrong_sum('{document}', '{lines}', '{column}', '{column}')"
            )


def _immutable() -> None:
    op.execute(
        f"""create function invoicing_guard_proforma() returns trigger {JUDGE} as $$
        begin
            if tg_op = 'DELETE' or (to_jsonb(old) - 'state') is distinct from (to_jsonb(new) - 'state') then
                raise exception 'proforma % stays as it is', old.number using errcode = 'restrict_violation';
            end if;
            return new;
        end $$"""
    )
    op.execute(
        "create trigger invoicing_proforma_guard before update or delete on invoicing_proforma for each row execute function invoicing_guard_proforma()"
    )
    op.execute(
        f"""create function invoicing_guard_invoice() returns trigger {JUDGE} as $$
        declare movable text[] := array['state', 'due_minor', 'paid_minor', 'credited_minor', 'paid_at'];
        begin
            if tg_op = 'INSERT' then
                if new.state <> 'draft' then
                    raise exception 'an invoice starts as a draft' using errcode = 'check_violation';
                end if;
                return new;
            end if;
            if old.number is null and tg_op = 'DELETE' then
                return old;
            elsif old.number is null then
                return new;
            end if;
            if tg_op = 'DELETE' or (to_jsonb(old) - movable) is distinct from (to_jsonb(new) - movable) then
                raise exception 'invoice % is issued and stays as it is', old.number using errcode = 'restrict_violation';
            end if;
            if new.state = 'void' and new.total_minor <> (select coalesce(sum(total_minor), 0) from invoicing_credit_note where invoice_id = new.id) then
                raise exception 'invoice % cannot be void without a credit note for all of it', old.number using errcode = 'check_violation';
            end if;
            return new;
        end $$"""
    )
    op.execute(
        "create trigger invoicing_invoice_guard before insert or update or delete on invoicing_invoice for each row execute function invoicing_guard_invoice()"
    )
    # The parent is locked, so that no line slips into a draft that is being issued at this moment.
    op.execute(
        f"""create function invoicing_guard_invoice_line() returns trigger {JUDGE} as $$
        declare parent record;
        begin
            if tg_op = 'INSERT' then
                select number into parent from invoicing_invoice where id = new.invoice_id for share;
            else
                select number into parent from invoicing_invoice where id = old.invoice_id for share;
            end if;
            if parent.number is not null then
                if tg_op <> 'UPDATE' or (to_jsonb(old) - 'voided') is distinct from (to_jsonb(new) - 'voided') or not new.voided then
                    raise exception 'invoice % is issued and its lines stay as they are', parent.number using errcode = 'restrict_violation';
                end if;
            elsif tg_op = 'UPDATE' and new.invoice_id <> old.invoice_id then
                raise exception 'a line stays on its invoice' using errcode = 'restrict_violation';
            end if;
            if tg_op = 'DELETE' then
                return old;
            end if;
            return new;
        end $$"""
    )
    op.execute(
        "create trigger invoicing_invoice_line_guard before insert or update or delete on invoicing_invoice_line "
        "for each row execute function invoicing_guard_invoice_line()"
    )


def downgrade() -> None:
    for table in ("invoicing_proforma", "invoicing_invoice"):
        ddl.no_state_machine(table)
    for table in ("credit_note_line", "credit_note", "invoice_line", "invoice", "proforma_line", "proforma", "counter"):
        op.drop_table(f"invoicing_{table}")
    op.execute("drop sequence invoicing_proforma_number")
    for name in ("next_number", "refuse_gap", "refuse_foreign_number", "refuse_wrong_sum", "guard_proforma", "guard_invoice", "guard_invoice_line"):
        op.execute(f"drop function invoicing_{name}")
