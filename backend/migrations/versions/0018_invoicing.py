"""Invoices made by staff, paid in parts, credited in parts, given up; a line tells how its number came about; months that are closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0018_invoicing"
down_revision = "0017_catalog"
branch_labels = None
depends_on = None

LINES = ("invoicing_proforma_line", "invoicing_invoice_line", "invoicing_credit_note_line")
LINE = (
    "quantity > 0 and discount_minor >= 0 and unit_net_minor * quantity - discount_minor = net_minor "
    "and (discount_minor > 0) = (discount_note is not null)"
)
CATEGORY = "tax_category in ('S','Z','E','AE','K','G','O')"
REFERENCES = ("buyer_reference", "order_number", "notes")


UTC = pg.TIMESTAMP(timezone=True)
JUDGE = "language plpgsql security definer set search_path = public, pg_temp"
BALANCED = "number is null or due_minor + paid_minor + taken_off_minor + written_off_minor = total_minor"
ACCOUNTS = (
    "account in ('gateway_clearing','customer_credit','receivable','revenue_hosting','revenue_domains','tax_payable',"
    "'gateway_fees','refunds_pending','registrar_prepaid','cost_domains','write_off'{more})"
)
MORE_ACCOUNTS = ",'bank','revenue_services','credit_adjustments'"
MOVABLE = "'state', 'due_minor', 'paid_minor', 'credited_minor', 'paid_at'"
OWN = "customer_id = nullif(current_setting('app.customer_id', true), '')::uuid"
INDEXES = {
    "state": ("state, id", ""),
    "issued": ("issued_on, id", ""),
    "due": ("due_on, id", ""),
    "total": ("total_minor, id", ""),
    "owed": ("customer_id, currency, due_on", "where due_minor > 0"),
    "number": ("number text_pattern_ops", ""),
    "order_number": ("order_number", "where order_number is not null"),
    "buyer": ("lower(buyer ->> 'name') text_pattern_ops", ""),
    "company": ("lower(buyer ->> 'company') text_pattern_ops", ""),
}


def upgrade() -> None:
    _lines()
    _references()
    _progress()
    _payments()
    _credit_notes()
    _immutable(f"{MOVABLE}, 'taken_off_minor', 'written_off_minor'")
    _finding()
    _payables()
    _customers()
    _costs()
    _books()
    _months()


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


def _progress() -> None:
    """What of the total is due, paid, taken off or given up; together they are the total, row by row."""
    for name in ("taken_off_minor", "written_off_minor"):
        op.add_column("invoicing_invoice", sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0")))
    op.add_column("invoicing_invoice", sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")))
    op.alter_column("invoicing_invoice", "payable_id", nullable=True)
    _untouched("invoicing_invoice", "update invoicing_invoice set taken_off_minor = total_minor - due_minor - paid_minor where number is not null")
    op.create_check_constraint("balanced", "invoicing_invoice", BALANCED)
    op.create_check_constraint("taken_off", "invoicing_invoice", "taken_off_minor >= 0 and written_off_minor >= 0")
    op.create_check_constraint("payable", "invoicing_invoice", "number is null or payable_id is not null")
    op.create_check_constraint("written_off", "invoicing_invoice", "state in ('draft','uncollectible') or written_off_minor = 0")


def _payments() -> None:
    op.create_table(
        "invoicing_payment",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoicing_invoice.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, sa.CheckConstraint("amount_minor > 0", name="amount"), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("source", sa.Text, sa.CheckConstraint("source in ('gateway','manual','credit')", name="source"), nullable=False),
        sa.Column("source_id", sa.Uuid),
        sa.Column("applied_on", sa.Date, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.UniqueConstraint("invoice_id", "position"),
        sa.CheckConstraint("(source = 'credit') = (source_id is null)", name="source_id"),
    )
    op.execute(
        "insert into invoicing_payment (id, invoice_id, customer_id, position, amount_minor, currency, source, source_id, applied_on, created_at) "
        "select gen_random_uuid(), i.id, i.customer_id, 1, i.paid_minor, i.currency, case when a.id is null then 'credit' else 'gateway' end, a.id, "
        "i.paid_at::date, i.paid_at from invoicing_invoice i left join payments_attempt a on a.payable_id = i.payable_id and a.state = 'succeeded' "
        "and not a.surplus where i.paid_minor > 0"
    )
    ddl.customer_owned("invoicing_payment", app="select")
    ddl.append_only("invoicing_payment")
    op.execute(
        f"""create function invoicing_refuse_wrong_paid() returns trigger {JUDGE} as $$
        declare document uuid := (to_jsonb(new) ->> tg_argv[0])::uuid;
        begin
            if exists (select 1 from invoicing_invoice d where d.id = document and d.paid_minor <>
                (select coalesce(sum(p.amount_minor), 0) from invoicing_payment p where p.invoice_id = d.id)) then
                raise exception 'invoice % does not say what was paid of it', document using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
    for table, happens, column in (("invoicing_invoice", "update", "id"), ("invoicing_payment", "insert", "invoice_id")):
        op.execute(
            f"create constraint trigger {table}_paid after {happens} on {table} deferrable initially deferred for each row "
            f"execute function invoicing_refuse_wrong_paid('{column}')"
        )


def _credit_notes() -> None:
    """A line may be taken back in parts, and never more of it than was sold: net and tax, each for itself."""
    op.add_column("invoicing_credit_note", sa.Column("taken_off_minor", sa.BigInteger, nullable=False, server_default=sa.text("0")))
    _untouched(
        "invoicing_credit_note",
        "update invoicing_credit_note note set taken_off_minor = note.total_minor from invoicing_invoice i where i.id = note.invoice_id and i.paid_minor = 0",
    )
    op.alter_column("invoicing_credit_note", "taken_off_minor", server_default=None)
    op.execute(
        f"""create function invoicing_refuse_overcredit() returns trigger {JUDGE} as $$
        declare sold record; gone record;
        begin
            select l.*, n.invoice_id as of_note into sold from invoicing_invoice_line l join invoicing_credit_note n on n.id = new.credit_note_id
                where l.id = new.invoice_line_id for no key update of l;
            if sold.invoice_id is distinct from sold.of_note or sold.currency <> new.currency or sold.tax_rate_ppm <> new.tax_rate_ppm then
                raise exception 'a credit note takes back lines of its own invoice, at their rates' using errcode = 'check_violation';
            end if;
            select coalesce(sum(net_minor), 0) as net, coalesce(sum(tax_minor), 0) as tax into gone
                from invoicing_credit_note_line where invoice_line_id = new.invoice_line_id;
            if gone.net + new.net_minor > sold.net_minor or gone.tax + new.tax_minor > sold.tax_minor then
                raise exception 'line % is taken back for more than it was sold', new.invoice_line_id using errcode = 'check_violation';
            end if;
            return new;
        end $$"""
    )
    op.execute(
        "create trigger invoicing_credit_note_line_bounds before insert on invoicing_credit_note_line "
        "for each row execute function invoicing_refuse_overcredit()"
    )


def _immutable(movable: str) -> None:
    """As before, with the columns that move. A draft has no number, and one that is discarded leaves none behind."""
    op.execute(
        f"""create or replace function invoicing_guard_invoice() returns trigger {JUDGE} as $$
        declare movable text[] := array[{movable}];
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


def _finding() -> None:
    """By whatever lists are sorted and narrowed by. A draft is staff's: its customer does not see it."""
    op.execute(f"alter policy invoicing_invoice_app on invoicing_invoice using ({OWN} and state <> 'draft') with check ({OWN})")
    op.execute("drop index ix_invoicing_invoice_open")
    op.execute("create index ix_invoicing_invoice_open on invoicing_invoice (due_on, id) where state = 'open'")
    for name, (columns, where) in INDEXES.items():
        op.execute(f"create index ix_invoicing_invoice_{name} on invoicing_invoice ({columns}) {where}")


def _payables() -> None:
    """What is to be paid may only shrink, and says by how much it has. Money past the gateway."""
    op.add_column("payments_payable", sa.Column("reduced_minor", sa.BigInteger, nullable=False, server_default=sa.text("0")))
    op.create_check_constraint("reduced", "payments_payable", "reduced_minor >= 0")
    op.execute(
        f"""create function payments_guard_payable() returns trigger {JUDGE} as $$
        begin
            if new.amount_minor > old.amount_minor or new.amount_minor + new.reduced_minor <> old.amount_minor + old.reduced_minor then
                raise exception 'a payable only shrinks, and says by how much' using errcode = 'restrict_violation';
            end if;
            return new;
        end $$"""
    )
    op.execute("create trigger payments_payable_guard before update on payments_payable for each row execute function payments_guard_payable()")
    op.create_table(
        "payments_manual",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("payable_id", sa.Uuid, sa.ForeignKey("payments_payable.id"), index=True),
        sa.Column("amount_minor", sa.BigInteger, sa.CheckConstraint("amount_minor > 0", name="amount"), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, sa.CheckConstraint("reference <> ''", name="reference"), nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint("method in ('bank_transfer','cash','cheque','card_terminal','other')", name="method"),
        sa.UniqueConstraint(
            "customer_id",
            "method",
            "reference",
            "received_on",
            "amount_minor",
            "currency",
            "payable_id",
            name="uq_payments_manual_line",
            postgresql_nulls_not_distinct=True,
        ),
    )
    ddl.customer_owned("payments_manual", app="select")
    ddl.append_only("payments_manual")


def _customers() -> None:
    for name in ("invoice_email", "buyer_reference"):
        op.add_column("customers_customer", sa.Column(name, sa.Text))


def _costs() -> None:
    op.create_table(
        "domains_cost",
        sa.Column("tld", sa.Text, primary_key=True),
        sa.Column("operation", sa.Text, sa.CheckConstraint("operation in ('register','renew','transfer')", name="operation"), primary_key=True),
        sa.Column("valid_from", sa.Date, primary_key=True),
        sa.Column("price_minor", sa.BigInteger, sa.CheckConstraint("price_minor >= 0", name="price"), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("set_at", UTC, nullable=False),
    )
    ddl.internal("domains_cost")


def _books() -> None:
    """Every entry in the company's own currency too. What was booked before counts as its own."""
    table = "ledger_entry"
    for column in (sa.Column("home_minor", sa.BigInteger), sa.Column("home_currency", sa.CHAR(3)), sa.Column("home_rate_ppm", sa.BigInteger)):
        op.add_column(table, column)
    op.add_column(table, sa.Column("product", sa.Text))
    _untouched(table, f"update {table} set home_minor = amount_minor, home_currency = currency, home_rate_ppm = 1000000")
    for name in ("home_minor", "home_currency", "home_rate_ppm"):
        op.alter_column(table, name, nullable=False)
    op.create_check_constraint(
        "home", table, "home_rate_ppm > 0 and (home_currency <> currency or (home_minor = amount_minor and home_rate_ppm = 1000000))"
    )
    _accounts(MORE_ACCOUNTS)
    op.execute("create index ix_ledger_entry_credit on ledger_entry (customer_id, id) where account = 'customer_credit'")
    op.execute("create index ix_ledger_entry_product on ledger_entry (product) where product is not null")
    _balance("union all select journal_id, home_currency, sum(home_minor) from added group by journal_id, home_currency having sum(home_minor) <> 0")
    op.create_table(
        "ledger_rate",
        sa.Column("currency", sa.CHAR(3), primary_key=True),
        sa.Column("home_currency", sa.CHAR(3), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("ppm", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("set_at", UTC, nullable=False),
        sa.CheckConstraint("ppm > 0 and currency <> home_currency", name="ppm"),
    )
    ddl.internal("ledger_rate", app="select")


def _accounts(more: str) -> None:
    op.drop_constraint(op.f("ck_ledger_entry_account"), "ledger_entry")
    op.create_check_constraint("account", "ledger_entry", ACCOUNTS.format(more=more))


def _balance(in_home: str) -> None:
    op.execute(
        f"""create or replace function ledger_refuse_unbalanced() returns trigger {JUDGE} as $$
        declare broken record;
        begin
            select journal_id, currency, amount into broken from (
                select journal_id, currency, sum(amount_minor) as amount from added group by journal_id, currency having sum(amount_minor) <> 0
                {in_home}) found limit 1;
            if found then
                raise exception 'journal % is off by % % in this statement', broken.journal_id, broken.amount, broken.currency using errcode = 'check_violation';
            end if;
            select a.journal_id into broken from (select journal_id, count(*) as n from added group by journal_id) a
                where a.n <> (select count(*) from ledger_entry e where e.journal_id = a.journal_id) limit 1;
            if found then
                raise exception 'journal % is written already: a journal comes in one statement', broken.journal_id using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )


def _months() -> None:
    """Who closes a month waits for postings into it that are under way, and they for him: an advisory lock for each month."""
    op.create_table(
        "ledger_closed_month",
        sa.Column("month", sa.Date, sa.CheckConstraint("extract(day from month) = 1", name="first_day"), primary_key=True),
        sa.Column("closed_by", sa.Text, nullable=False),
        sa.Column("closed_at", UTC, nullable=False),
    )
    ddl.internal("ledger_closed_month", work="select, insert, delete")
    op.execute(
        f"""create function ledger_refuse_closed() returns trigger {JUDGE} as $$
        begin
            perform pg_advisory_xact_lock_shared(hashtext('ledger.month'), to_char(new.booked_on, 'YYYYMM')::int);
            if exists (select 1 from ledger_closed_month where month = date_trunc('month', new.booked_on)::date) then
                raise exception '% is closed: nothing is booked into it', to_char(new.booked_on, 'YYYY-MM') using errcode = 'restrict_violation';
            end if;
            return new;
        end $$"""
    )
    op.execute("create trigger ledger_journal_month before insert on ledger_journal for each row execute function ledger_refuse_closed()")
    op.execute(
        f"""create function ledger_hold_month() returns trigger {JUDGE} as $$
        begin
            perform pg_advisory_xact_lock(hashtext('ledger.month'), to_char(new.month, 'YYYYMM')::int);
            return new;
        end $$"""
    )
    op.execute("create trigger ledger_closed_month_hold before insert on ledger_closed_month for each row execute function ledger_hold_month()")


def downgrade() -> None:
    _no_months()
    op.drop_table("domains_cost")
    for name in ("invoice_email", "buyer_reference"):
        op.drop_column("customers_customer", name)
    _no_payables()
    _no_finding()
    _immutable(MOVABLE)
    _no_credit_notes()
    op.execute("drop trigger invoicing_invoice_paid on invoicing_invoice")
    op.drop_table("invoicing_payment")
    op.execute("drop function invoicing_refuse_wrong_paid")
    _no_progress()
    _no_references()
    _no_lines()


def _no_months() -> None:
    op.execute("drop trigger ledger_journal_month on ledger_journal")
    for table in ("ledger_closed_month", "ledger_rate"):
        op.drop_table(table)
    for name in ("refuse_closed", "hold_month"):
        op.execute(f"drop function ledger_{name}")
    for name in ("credit", "product"):
        op.execute(f"drop index ix_ledger_entry_{name}")
    _balance("")
    _accounts("")
    op.drop_constraint(op.f("ck_ledger_entry_home"), "ledger_entry")
    for name in ("home_minor", "home_currency", "home_rate_ppm", "product"):
        op.drop_column("ledger_entry", name)


def _no_payables() -> None:
    op.drop_table("payments_manual")
    op.execute("drop trigger payments_payable_guard on payments_payable")
    op.execute("drop function payments_guard_payable")
    op.drop_constraint(op.f("ck_payments_payable_reduced"), "payments_payable")
    op.drop_column("payments_payable", "reduced_minor")


def _no_finding() -> None:
    op.execute(f"alter policy invoicing_invoice_app on invoicing_invoice using ({OWN}) with check ({OWN})")
    for name in INDEXES:
        op.execute(f"drop index ix_invoicing_invoice_{name}")
    op.execute("drop index ix_invoicing_invoice_open")
    op.execute("create index ix_invoicing_invoice_open on invoicing_invoice (due_on) where state = 'open'")


def _no_credit_notes() -> None:
    op.execute("drop trigger invoicing_credit_note_line_bounds on invoicing_credit_note_line")
    op.execute("drop function invoicing_refuse_overcredit")
    op.drop_column("invoicing_credit_note", "taken_off_minor")


def _no_progress() -> None:
    for name in ("balanced", "taken_off", "payable", "written_off"):
        op.drop_constraint(op.f(f"ck_invoicing_invoice_{name}"), "invoicing_invoice")
    for name in ("taken_off_minor", "written_off_minor", "version"):
        op.drop_column("invoicing_invoice", name)
    op.alter_column("invoicing_invoice", "payable_id", nullable=False)


def _no_references() -> None:
    op.drop_constraint(op.f("ck_invoicing_invoice_terms"), "invoicing_invoice")
    op.drop_column("invoicing_invoice", "terms_days")
    for table in ("invoicing_proforma", "invoicing_invoice"):
        for name in REFERENCES:
            op.drop_column(table, name)


def _no_lines() -> None:
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
