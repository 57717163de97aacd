"""Billing runs: what each did, what waits for staff; documents and journals judged by statement, so that many are written at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0022_renewal"
down_revision = "0021_payments_methods"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
JUDGE = "language plpgsql security definer set search_path = public, pg_temp"
SUBSCRIPTION, PERIOD = "subscriptions_subscription", "subscriptions_period"
RUN_MOVES = {"running": ("done", "stopped")}


def upgrade() -> None:
    _runs()
    _subscriptions()
    _numbers()
    _documents()
    _months()


def _runs() -> None:
    op.create_table(
        "subscriptions_run",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("state", sa.Text, sa.CheckConstraint("state in ('running','done','stopped')", name="state"), nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("max_lines", sa.Integer, sa.CheckConstraint("max_lines > 0", name="max_lines")),
        sa.Column("stopped_because", sa.Text),
        sa.Column("started_at", UTC, nullable=False),
        sa.Column("ended_at", UTC),
        sa.CheckConstraint("(state = 'running') = (ended_at is null)", name="ended"),
        sa.CheckConstraint("(state = 'stopped') = (stopped_because is not null)", name="stopped"),
    )
    op.create_index("uq_subscriptions_run_running", "subscriptions_run", ["state"], unique=True, postgresql_where=sa.text("state = 'running'"))
    op.create_table(
        "subscriptions_run_chunk",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("run_id", sa.Uuid, sa.ForeignKey("subscriptions_run.id"), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("lines", "free", "set_aside")),
        sa.Column("at", UTC, nullable=False),
        sa.CheckConstraint("lines >= 0 and free >= 0 and set_aside >= 0", name="counts"),
        sa.Index("ix_subscriptions_run_chunk_run", "run_id", "id"),
    )
    op.create_table(
        "subscriptions_run_sum",
        sa.Column("chunk_id", sa.Uuid, sa.ForeignKey("subscriptions_run_chunk.id"), primary_key=True),
        sa.Column("currency", sa.CHAR(3), primary_key=True),
        sa.Column("invoices", sa.Integer, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("net_minor", "tax_minor", "total_minor")),
        sa.CheckConstraint("invoices > 0 and net_minor >= 0 and tax_minor >= 0 and total_minor = net_minor + tax_minor", name="amounts"),
    )
    ddl.internal("subscriptions_run", work="select, insert, update")
    ddl.state_machine("subscriptions_run", RUN_MOVES)
    for table in ("run_chunk", "run_sum"):
        ddl.internal(f"subscriptions_{table}", work="select, insert")
        ddl.append_only(f"subscriptions_{table}")


def _subscriptions() -> None:
    op.add_column(PERIOD, sa.Column("chunk_id", sa.Uuid))
    op.create_index(
        "ix_subscriptions_period_chunk", PERIOD, ["chunk_id", "subscription_id", "period_index"], postgresql_where=sa.text("chunk_id is not null")
    )
    op.add_column(SUBSCRIPTION, sa.Column("billing_error_kind", sa.Text))
    op.add_column(SUBSCRIPTION, sa.Column("late_allowed_on", sa.Date))
    op.create_check_constraint("billing_error_kind", SUBSCRIPTION, "billing_error_kind in ('late','refused')")
    op.drop_index("ix_subscriptions_subscription_error", SUBSCRIPTION)
    op.create_index("ix_subscriptions_subscription_error", SUBSCRIPTION, ["id"], postgresql_where=sa.text("billing_error is not null"))
    # What the calendar counts by day.
    op.create_index("ix_subscriptions_subscription_trial", SUBSCRIPTION, ["period_end"], postgresql_where=sa.text("state = 'trialing'"))


def _numbers() -> None:
    """Numbers come one by one or as a row of many; each of them has its document at commit."""
    op.execute(
        f"""create function invoicing_next_numbers(wanted text, many integer) returns integer {JUDGE} as $$
        declare place integer;
        begin
            if wanted !~ '^(INV|CN)-[0-9]{{4}}$' or many < 1 then
                raise exception '% of % is not what numbers are drawn by', many, wanted using errcode = 'invalid_parameter_value';
            end if;
            insert into invoicing_counter as c (series, last) values (wanted, many)
                on conflict (series) do update set last = c.last + many returning c.last into place;
            return place;
        end $$"""
    )
    op.execute("revoke execute on function invoicing_next_numbers from public")
    op.execute(f"grant execute on function invoicing_next_numbers to {ddl.WORK}")
    op.execute(
        f"""create or replace function invoicing_refuse_gap() returns trigger {JUDGE} as $$
        declare before integer := 0; found integer;
        begin
            if tg_op = 'UPDATE' then
                before := old.last;
            end if;
            select (select count(*) from invoicing_invoice where series = new.series and sequence > before and sequence <= new.last)
                + (select count(*) from invoicing_credit_note where series = new.series and sequence > before and sequence <= new.last) into found;
            if found <> new.last - before then
                raise exception 'number % of % has no document', new.last, new.series using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )


def _documents() -> None:
    """An invoice may be written at once, with its number; then nothing is paid of it, and its lines come in one statement, as a journal's entries do."""
    op.execute("drop trigger invoicing_invoice_guard on invoicing_invoice")
    _guard_invoice_from_birth()
    op.execute(
        "create trigger invoicing_invoice_guard before update or delete on invoicing_invoice for each row execute function invoicing_guard_invoice()"
    )
    op.execute("drop trigger invoicing_invoice_number on invoicing_invoice")
    op.execute(
        f"""create function invoicing_refuse_foreign_numbers() returns trigger {JUDGE} as $$
        declare broken record;
        begin
            select a.series, a.sequence into broken from added a where a.sequence is not null
                and not exists (select 1 from invoicing_counter c where c.series = a.series and c.last >= a.sequence) limit 1;
            if found then
                raise exception 'number % of % was not drawn from its counter', broken.sequence, broken.series using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
    for happens in ("insert", "update"):
        op.execute(
            f"create trigger invoicing_invoice_number_{happens} after {happens} on invoicing_invoice referencing new table as added "
            "for each statement execute function invoicing_refuse_foreign_numbers()"
        )
    op.execute("drop trigger invoicing_invoice_sum on invoicing_invoice")
    op.execute(
        f"""create function invoicing_refuse_wrong_invoice() returns trigger {JUDGE} as $$
        declare n bigint; net bigint; tax bigint; total bigint;
        begin
            select count(*), sum(l.net_minor), sum(l.tax_minor), sum(l.total_minor) into n, net, tax, total
                from invoicing_invoice_line l where l.invoice_id = new.id;
            if n = 0 or (net, tax, total) is distinct from (new.net_minor, new.tax_minor, new.total_minor) then
                raise exception 'invoicing_invoice % is not the sum of its lines', new.id using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
    op.execute(
        "create constraint trigger invoicing_invoice_sum after insert or update on invoicing_invoice deferrable initially deferred for each row "
        "when (new.number is not null) execute function invoicing_refuse_wrong_invoice()"
    )
    op.execute("drop trigger invoicing_invoice_line_guard on invoicing_invoice_line")
    op.execute(
        "create trigger invoicing_invoice_line_guard before update or delete on invoicing_invoice_line "
        "for each row execute function invoicing_guard_invoice_line()"
    )
    _guard_new_lines()


def _guard_invoice_from_birth() -> None:
    op.execute(
        f"""create function invoicing_refuse_birth() returns trigger {JUDGE} as $$
        begin
            raise exception 'an invoice starts as a draft, or open and unpaid' using errcode = 'check_violation';
        end $$"""
    )
    fresh = "new.paid_minor = 0 and new.credited_minor = 0 and new.taken_off_minor = 0 and new.written_off_minor = 0"
    op.execute(
        "create trigger invoicing_invoice_birth before insert on invoicing_invoice for each row "
        f"when (new.state <> 'draft' and not (new.state = 'open' and new.number is not null and {fresh})) execute function invoicing_refuse_birth()"
    )


def _guard_new_lines() -> None:
    """A draft is locked, so that no line slips into one that is being issued. Lines of an issued invoice come in one statement: it has had
    some since its commit, and then their number is not the statement's."""
    op.execute(
        f"""create function invoicing_guard_new_lines() returns trigger {JUDGE} as $$
        declare broken record;
        begin
            perform 1 from invoicing_invoice i where i.number is null and i.id in (select a.invoice_id from added a) order by i.id for share;
            select i.number into broken from (select a.invoice_id, count(*) as n from added a group by a.invoice_id) g
                join invoicing_invoice i on i.id = g.invoice_id
                where i.number is not null and g.n <> (select count(*) from invoicing_invoice_line l where l.invoice_id = g.invoice_id) limit 1;
            if found then
                raise exception 'invoice % is issued and its lines stay as they are', broken.number using errcode = 'restrict_violation';
            end if;
            return null;
        end $$"""
    )
    op.execute(
        "create trigger invoicing_invoice_line_new after insert on invoicing_invoice_line referencing new table as added "
        "for each statement execute function invoicing_guard_new_lines()"
    )


def _months() -> None:
    op.execute("drop trigger ledger_journal_month on ledger_journal")
    op.execute(
        f"""create function ledger_refuse_closed_months() returns trigger {JUDGE} as $$
        declare day date;
        begin
            for day in select distinct date_trunc('month', a.booked_on)::date from added a order by 1 loop
                perform pg_advisory_xact_lock_shared(hashtext('ledger.month'), to_char(day, 'YYYYMM')::int);
                if exists (select 1 from ledger_closed_month where month = day) then
                    raise exception '% is closed: nothing is booked into it', to_char(day, 'YYYY-MM') using errcode = 'restrict_violation';
                end if;
            end loop;
            return null;
        end $$"""
    )
    op.execute(
        "create trigger ledger_journal_month after insert on ledger_journal referencing new table as added "
        "for each statement execute function ledger_refuse_closed_months()"
    )


def downgrade() -> None:
    op.execute("drop trigger ledger_journal_month on ledger_journal")
    op.execute("drop function ledger_refuse_closed_months")
    op.execute("create trigger ledger_journal_month before insert on ledger_journal for each row execute function ledger_refuse_closed()")
    _no_documents()
    _no_numbers()
    for name in ("trial", "error"):
        op.drop_index(f"ix_subscriptions_subscription_{name}", SUBSCRIPTION)
    op.create_index("ix_subscriptions_subscription_error", SUBSCRIPTION, ["billing_error_at"], postgresql_where=sa.text("billing_error is not null"))
    op.drop_constraint(op.f(f"ck_{SUBSCRIPTION}_billing_error_kind"), SUBSCRIPTION)
    for name in ("billing_error_kind", "late_allowed_on"):
        op.drop_column(SUBSCRIPTION, name)
    op.drop_index("ix_subscriptions_period_chunk", PERIOD)
    op.drop_column(PERIOD, "chunk_id")
    for table in ("run_sum", "run_chunk", "run"):
        op.drop_table(f"subscriptions_{table}")
    ddl.no_state_machine("subscriptions_run")


def _no_documents() -> None:
    for table, names in {
        "invoicing_invoice_line": ("guard", "new"),
        "invoicing_invoice": ("guard", "birth", "sum", "number_insert", "number_update"),
    }.items():
        for name in names:
            op.execute(f"drop trigger {table}_{name} on {table}")
    for name in ("guard_new_lines", "refuse_birth", "refuse_wrong_invoice", "refuse_foreign_numbers"):
        op.execute(f"drop function invoicing_{name}")
    each = "for each row execute function"
    op.execute(f"create trigger invoicing_invoice_guard before insert or update or delete on invoicing_invoice {each} invoicing_guard_invoice()")
    op.execute(f"create trigger invoicing_invoice_number before insert or update on invoicing_invoice {each} invoicing_refuse_foreign_number()")
    op.execute(
        "create constraint trigger invoicing_invoice_sum after insert or update on invoicing_invoice deferrable initially deferred for each row "
        "when (new.number is not null) "
        "execute function invoicing_refuse_wrong_sum('invoicing_invoice', 'invoicing_invoice_line', 'invoice_id', 'id')"
    )
    op.execute(
        f"create trigger invoicing_invoice_line_guard before insert or update or delete on invoicing_invoice_line {each} invoicing_guard_invoice_line()"
    )


def _no_numbers() -> None:
    op.execute("drop function invoicing_next_numbers")
    op.execute(
        f"""create or replace function invoicing_refuse_gap() returns trigger {JUDGE} as $$
        begin
            if not exists (select 1 from invoicing_invoice where series = new.series and sequence = new.last)
                and not exists (select 1 from invoicing_credit_note where series = new.series and sequence = new.last) then
                raise exception 'number % of % has no document', new.last, new.series using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
