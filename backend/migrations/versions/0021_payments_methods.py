"""Saved cards and charges without the customer: each payable collected by one schedule, each card within what its scheme allows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0021_payments_methods"
down_revision = "0020_subscriptions_time"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
SETUP_MOVES = {
    "requested": ("open", "failed", "expired", "parked", "succeeded"),
    "open": ("succeeded", "failed", "expired"),
    "parked": ("requested", "open", "failed", "expired", "succeeded"),
    "expired": ("succeeded",),
    "failed": ("succeeded",),
}
METHOD_MOVES = {"active": ("replaced", "removed")}
COLLECTION_MOVES = {
    "due": ("trying", "waiting", "given_up", "stopped", "collected"),
    "trying": ("due", "waiting", "given_up", "stopped", "collected"),
    "waiting": ("due", "stopped", "collected"),
    "given_up": ("due", "stopped", "collected"),
    "stopped": ("due", "waiting", "given_up", "collected"),
}
CHARGE = (
    "case kind when 'checkout' then method_id is null and fingerprint is null "
    "when 'charge' then method_id is not null and fingerprint is not null and consent_terms is null else false end"
)
CAPS = (("visa", 720, 15), ("mastercard", 24, 10), ("mastercard", 720, 35), ("*", 720, 15))
"""Visa's and Mastercard's are published; the others' are not, and take the stricter one."""
# A charge that is under way counts as if it were declined: it may be.
WITHIN_CAPS = """
create function payments_within_caps() returns trigger language plpgsql as $$
declare card payments_card; cap record; spent bigint;
begin
  select * into card from payments_card where fingerprint = new.fingerprint for update;
  if card.barred_at is not null then
    raise exception 'this card is never charged again (%)', card.barred_reason using errcode = 'check_violation', constraint = 'payments_card_barred';
  end if;
  for cap in select c.hours, c.declines from payments_scheme_cap c
    where c.brand = case when exists (select 1 from payments_scheme_cap o where o.brand = card.brand) then card.brand else '*' end
  loop
    select (select count(*) from payments_decline d where d.fingerprint = new.fingerprint and d.declined_at > new.requested_at - make_interval(hours => cap.hours))
      + (select count(*) from payments_attempt a where a.fingerprint = new.fingerprint and a.state in ('requested','open','parked')
         and a.requested_at > new.requested_at - make_interval(hours => cap.hours)) into spent;
    if spent >= cap.declines then
      raise exception 'the scheme allows % declines in % hours', cap.declines, cap.hours using errcode = 'check_violation', constraint = 'payments_scheme_cap';
    end if;
  end loop;
  return new;
end $$
"""


def upgrade() -> None:
    _cards()
    _setup()
    _attempt()
    _decline()
    _collection()
    _rights()


def _cards() -> None:
    op.create_table(
        "payments_card",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("brand", sa.Text, nullable=False),
        sa.Column("barred_reason", sa.Text),
        sa.Column("barred_at", UTC),
        sa.CheckConstraint("(barred_reason is null) = (barred_at is null)", name="barred"),
    )
    op.create_table(
        "payments_method",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("gateway_ref", sa.Text, nullable=False, unique=True),
        sa.Column("gateway_customer", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, sa.ForeignKey("payments_card.fingerprint"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("brand", "last4")),
        *(sa.Column(name, sa.SmallInteger, nullable=False) for name in ("exp_month", "exp_year")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("funding", "state")),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("barred", sa.Boolean, nullable=False, server_default=sa.false()),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("consent_terms", "consent_address")),
        *(sa.Column(name, UTC, nullable=False) for name in ("consented_at", "created_at")),
        *(sa.Column(name, UTC) for name in ("ended_at", "detached_at")),
        sa.CheckConstraint("state in ('active','replaced','removed')", name="state"),
        sa.CheckConstraint("(state = 'active') = (ended_at is null)", name="ended"),
        sa.CheckConstraint("state = 'active' or not is_default", name="default"),
        sa.CheckConstraint("exp_month between 1 and 12 and exp_year between 2000 and 2200", name="expiry"),
        sa.Index("uq_payments_method_default", "customer_id", unique=True, postgresql_where=sa.text("is_default")),
        sa.Index("uq_payments_method_card", "customer_id", "fingerprint", unique=True, postgresql_where=sa.text("state = 'active'")),
        sa.Index("ix_payments_method_customer", "customer_id", "id"),
        sa.Index("ix_payments_method_expiry", "exp_year", "exp_month", "id", postgresql_where=sa.text("is_default")),
    )
    op.create_table(
        "payments_method_notice",
        sa.Column("method_id", sa.Uuid, sa.ForeignKey("payments_method.id"), primary_key=True),
        sa.Column("expires_on", sa.Date, primary_key=True),
        sa.Column("days_before", sa.SmallInteger, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
    )


def _setup() -> None:
    op.create_table(
        "payments_setup",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("state", "return_url", "consent_terms", "consent_address")),
        sa.Column("gateway_customer", sa.Text),
        sa.Column("session_ref", sa.Text, unique=True),
        sa.Column("setup_url", sa.Text),
        sa.Column("method_id", sa.Uuid, sa.ForeignKey("payments_method.id")),
        sa.Column("error", sa.Text),
        *(sa.Column(name, UTC, nullable=False) for name in ("requested_at", "expires_at")),
        *(sa.Column(name, UTC) for name in ("opened_at", "finished_at", "next_check_at")),
        sa.CheckConstraint("state in ('requested','open','succeeded','failed','expired','parked')", name="state"),
        sa.CheckConstraint("(state = 'succeeded') = (method_id is not null)", name="method"),
        sa.Index("uq_payments_setup_open", "customer_id", unique=True, postgresql_where=sa.text("state in ('requested','open')")),
        sa.Index("ix_payments_setup_customer", "customer_id", "id"),
        sa.Index("ix_payments_setup_check", "next_check_at", postgresql_where=sa.text("state = 'open'")),
    )


def _attempt() -> None:
    op.add_column("payments_attempt", sa.Column("kind", sa.Text, nullable=False, server_default="checkout"))
    op.add_column("payments_attempt", sa.Column("method_id", sa.Uuid, sa.ForeignKey("payments_method.id")))
    op.add_column("payments_attempt", sa.Column("fingerprint", sa.Text, sa.ForeignKey("payments_card.fingerprint")))
    for name in ("consent_terms", "consent_address"):
        op.add_column("payments_attempt", sa.Column(name, sa.Text))
    op.create_check_constraint("charge", "payments_attempt", CHARGE)
    op.create_index("ix_payments_attempt_method", "payments_attempt", ["method_id", "id"], postgresql_where=sa.text("method_id is not null"))
    under_way = sa.text("fingerprint is not null and state in ('requested','open','parked')")
    op.create_index("ix_payments_attempt_card", "payments_attempt", ["fingerprint"], postgresql_where=under_way)


def _decline() -> None:
    op.create_table(
        "payments_decline",
        sa.Column("attempt_id", sa.Uuid, sa.ForeignKey("payments_attempt.id"), primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("fingerprint", sa.Text, sa.ForeignKey("payments_card.fingerprint"), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("advice", sa.Text),
        sa.Column("course", sa.Text, nullable=False),
        sa.Column("declined_at", UTC, nullable=False),
        sa.CheckConstraint("course in ('retry','customer','never')", name="course"),
        sa.Index("ix_payments_decline_card", "fingerprint", "declined_at"),
        sa.Index("ix_payments_decline_customer", "customer_id", "attempt_id"),
    )
    caps = op.create_table(
        "payments_scheme_cap",
        sa.Column("brand", sa.Text, primary_key=True),
        sa.Column("hours", sa.Integer, primary_key=True),
        sa.Column("declines", sa.Integer, nullable=False),
        sa.CheckConstraint("hours between 1 and 8784 and declines > 0", name="cap"),
    )
    op.bulk_insert(caps, [{"brand": brand, "hours": hours, "declines": declines} for brand, hours, declines in CAPS])
    op.execute(WITHIN_CAPS)
    op.execute(
        "create trigger payments_attempt_within_caps before insert on payments_attempt for each row "
        "when (new.kind = 'charge') execute function payments_within_caps()"
    )


def _collection() -> None:
    op.create_table(
        "payments_collection",
        sa.Column("payable_id", sa.Uuid, sa.ForeignKey("payments_payable.id"), primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("started_on", sa.Date, nullable=False),
        sa.Column("next_try_on", sa.Date),
        sa.Column("held_until", UTC),
        sa.Column("tries", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("attempt_id", sa.Uuid, sa.ForeignKey("payments_attempt.id")),
        sa.Column("reason", sa.Text),
        sa.Column("changed_at", UTC, nullable=False),
        sa.CheckConstraint("state in ('due','trying','waiting','collected','given_up','stopped')", name="state"),
        sa.CheckConstraint("(state = 'due') = (next_try_on is not null)", name="due"),
        sa.CheckConstraint("state <> 'trying' or attempt_id is not null", name="trying"),
        sa.Index("ix_payments_collection_due", "next_try_on", "payable_id", postgresql_where=sa.text("state = 'due'")),
        sa.Index("ix_payments_collection_customer", "customer_id", "payable_id"),
    )
    op.create_table("payments_pace", sa.Column("gateway", sa.Text, primary_key=True), sa.Column("free_at", UTC, nullable=False))


def _rights() -> None:
    ddl.customer_owned("payments_method", app="select, update")
    ddl.customer_owned("payments_setup", app="select, insert, update")
    ddl.customer_owned("payments_collection", app="select")
    ddl.customer_owned("payments_decline", app=None)
    ddl.customer_owned("payments_method_notice", app=None)
    ddl.append_only("payments_decline")
    for table in ("payments_card", "payments_pace"):
        ddl.internal(table)
    ddl.internal("payments_scheme_cap", work="select")
    ddl.state_machine("payments_setup", SETUP_MOVES)
    ddl.state_machine("payments_method", METHOD_MOVES)
    ddl.state_machine("payments_collection", COLLECTION_MOVES)


def downgrade() -> None:
    for table in ("payments_setup", "payments_method", "payments_collection"):
        ddl.no_state_machine(table)
    op.execute("drop trigger payments_attempt_within_caps on payments_attempt")
    op.execute("drop function payments_within_caps()")
    for table in ("collection", "pace", "decline", "scheme_cap", "setup", "method_notice"):
        op.drop_table(f"payments_{table}")
    op.drop_constraint(op.f("ck_payments_attempt_charge"), "payments_attempt")
    for index in ("method", "card"):
        op.drop_index(f"ix_payments_attempt_{index}", "payments_attempt")
    for name in ("consent_address", "consent_terms", "fingerprint", "method_id", "kind"):
        op.drop_column("payments_attempt", name)
    for table in ("method", "card"):
        op.drop_table(f"payments_{table}")
