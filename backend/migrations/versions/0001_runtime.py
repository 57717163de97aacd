"""The machinery: events, reactions, steps, inbox, idempotency keys, ticks, the job queue; functions that tables' triggers use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.domain.settings import DBSettings
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0001_runtime"
down_revision = None
branch_labels = None
depends_on = None

STEP_STATES = "state in ('requested','calling','pending','in_doubt','parked','succeeded','refused','withdrawn')"
UTC = pg.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("revoke create on schema public from public")
    op.execute(f"grant usage on schema public to {ddl.APP}, {ddl.WORK}, {ddl.LICENSE}")
    op.execute(f"grant select on alembic_version to {ddl.APP}, {ddl.WORK}, {ddl.LICENSE}")
    _functions()
    _tables()
    _rights()
    _queue()


def _functions() -> None:
    op.execute(
        """create function refuse_change() returns trigger language plpgsql as $$
        begin raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation'; end $$"""
    )
    op.execute(
        """create function refuse_transition() returns trigger language plpgsql as $$
        declare old_state text := to_jsonb(old) ->> tg_argv[0]; new_state text := to_jsonb(new) ->> tg_argv[0];
        begin
            if not exists (select 1 from runtime_transition where machine = tg_table_name and from_state = old_state and to_state = new_state) then
                raise exception '%: % -> % is not a move of this machine', tg_table_name, old_state, new_state using errcode = 'check_violation';
            end if;
            return new;
        end $$"""
    )


def _tables() -> None:
    op.create_table(
        "runtime_event",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("payload", pg.JSONB, nullable=False),
        sa.Column("customer_id", sa.Uuid),
        sa.Column("correlation", sa.Text, nullable=False),
        sa.Column("occurred_at", UTC, nullable=False),
        sa.Index("ix_runtime_event_customer_id", "customer_id", "seq"),
    )
    op.create_table(
        "runtime_reaction",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("reaction", sa.Text, primary_key=True),
        sa.Column("done_at", UTC, nullable=False),
    )
    _step()
    op.create_table(
        "runtime_vendor_call",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("step_id", sa.Uuid, nullable=False),
        sa.Column("phase", sa.Text, sa.CheckConstraint("phase in ('look','call')", name="phase"), nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Index("ix_runtime_vendor_call_step_id", "step_id", "at"),
    )
    op.create_table(
        "runtime_inbox",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid),
        sa.Column("received_at", UTC, nullable=False),
        sa.Column("processed_at", UTC),
        sa.Column("outcome", sa.Text),
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_runtime_inbox_subject_id", "subject_id"),
    )
    op.create_table(
        "runtime_idempotency",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("media_type", sa.Text),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("locked_until", UTC),
        sa.Column("created_at", UTC, nullable=False),
    )
    op.create_table("runtime_tick", sa.Column("name", sa.Text, primary_key=True), sa.Column("fired_at", UTC, nullable=False))
    op.create_table(
        "runtime_transition",
        sa.Column("machine", sa.Text, primary_key=True),
        sa.Column("from_state", sa.Text, primary_key=True),
        sa.Column("to_state", sa.Text, primary_key=True),
    )


def _step() -> None:
    op.create_table(
        "runtime_step",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid),
        sa.Column("state", sa.Text, sa.CheckConstraint(STEP_STATES, name="state"), nullable=False),
        *(
            sa.Column(name, sa.Integer, nullable=False, server_default=start)
            for name, start in (("key_version", "1"), ("calls", "0"), ("looks", "0"), ("cut_offs", "0"))
        ),
        sa.Column("certain", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("absent_since", UTC),
        sa.Column("claim", sa.Uuid),
        sa.Column("claimed_until", UTC),
        sa.Column("next_at", UTC),
        sa.Column("correlation", sa.Text, nullable=False),
        sa.Column("requested_at", UTC, nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.UniqueConstraint("name", "subject_id"),
        sa.Index("ix_runtime_step_open", "next_at", postgresql_where=sa.text("state in ('requested','calling','pending','in_doubt')")),
        sa.Index("ix_runtime_step_parked", "changed_at", postgresql_where=sa.text("state = 'parked'")),
        sa.Index("ix_runtime_step_subject", "subject_id"),
    )


def _rights() -> None:
    ddl.internal("runtime_event", work="select, insert", app="insert")
    ddl.append_only("runtime_event")
    ddl.internal("runtime_reaction", work="select, insert")
    ddl.customer_owned("runtime_step", app="select, insert")
    for table in ("runtime_vendor_call", "runtime_inbox", "runtime_idempotency", "runtime_tick"):
        ddl.internal(table)
    ddl.internal("runtime_transition", work="select", app="select", licenses="select")


def _queue() -> None:
    op.execute(QueryBuilderEnvironment(DBSettings(db_schema="pgqueuer")).build_install_query(create_schema=True))
    op.execute(f"grant usage on schema pgqueuer to {ddl.APP}, {ddl.WORK}")
    op.execute(f"grant select, insert, update, delete on all tables in schema pgqueuer to {ddl.WORK}")
    op.execute(f"grant select, insert on pgqueuer.pgqueuer, pgqueuer.pgqueuer_log to {ddl.APP}")
    op.execute(f"grant usage on all sequences in schema pgqueuer to {ddl.APP}, {ddl.WORK}")
    # The log is cleared by TRUNCATE in the library's own upkeep.
    op.execute(f"grant truncate on all tables in schema pgqueuer to {ddl.WORK}")


def downgrade() -> None:
    op.execute("drop schema pgqueuer cascade")
    for table in ("transition", "tick", "idempotency", "inbox", "vendor_call", "step", "reaction", "event"):
        op.execute(f"drop table runtime_{table}")
    op.execute("drop function refuse_transition")
    op.execute("drop function refuse_change")
