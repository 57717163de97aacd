"""Reservations, usage by month, alerts, revoked leases, signing keys; overrides of a plan's limits; months of partitions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0015_licensing_usage"
down_revision = "0014_notifications"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)

# The owner's rights, since partitions are made where a worker or a panel's call finds the month missing. Months are of UTC.
# Temporary objects are looked for last: else a caller's own view could stand in for a catalog and run as the owner.
ENSURE_MONTHS = """
create function runtime_ensure_months(parent regclass, first date, months integer) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare month date; name text; made integer := 0;
begin
  if months not between 1 and 120 then raise exception 'months: 1 to 120'; end if;
  if not exists (select 1 from pg_partitioned_table where partrelid = parent) then raise exception '% has no partitions', parent; end if;
  for month in select (date_trunc('month', first::timestamp) + make_interval(months => n))::date from generate_series(0, months - 1) n loop
    name := format('%s_%s', (select relname from pg_class where oid = parent), to_char(month, 'YYYYMM'));
    if to_regclass(format('public.%I', name)) is null then
      perform pg_advisory_xact_lock(hashtext(name));
      if to_regclass(format('public.%I', name)) is null then
        execute format('create table public.%I partition of %s for values from (%L) to (%L)', name, parent,
                       month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
        made := made + 1;
      end if;
    end if;
  end loop;
  return made;
end $$
"""

# Whoever changes a license makes its leases old: a lease carries the revision that it was made from.
NEXT_REVISION = """
create function licensing_next_revision() returns trigger language plpgsql as $$
begin
  new.revision := old.revision + 1;
  return new;
end $$
"""


def upgrade() -> None:
    op.execute(ENSURE_MONTHS)
    op.execute("revoke all on function runtime_ensure_months(regclass, date, integer) from public")
    op.execute(f"grant execute on function runtime_ensure_months(regclass, date, integer) to {ddl.WORK}, {ddl.LICENSE}")
    _licenses()
    _reservations()
    _usage()
    _alerts()
    _leases()


def _licenses() -> None:
    op.add_column("licensing_license", sa.Column("plan_features", pg.JSONB, nullable=False, server_default=sa.text("'[]'")))
    op.add_column("licensing_license", sa.Column("revision", sa.Integer, nullable=False, server_default="1"))
    op.add_column("licensing_license", sa.Column("key_rotated_at", UTC))
    op.execute("update licensing_license set plan_features = features")
    op.execute(NEXT_REVISION)
    op.execute(
        "create trigger licensing_license_revision before update on licensing_license for each row "
        "when (old.* is distinct from new.*) execute function licensing_next_revision()"
    )
    op.execute(f"grant update (last_used_at) on identity_panel_key to {ddl.LICENSE}")
    op.create_index("ix_licensing_license_server", "licensing_license", ["server_id", "id"])
    op.create_index("ix_licensing_license_state", "licensing_license", ["state", "id"])
    op.add_column("licensing_quota", sa.Column("plan_limit", sa.Integer))
    op.add_column("licensing_quota", sa.Column("overridden", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("licensing_quota", sa.Column("set_at", UTC))
    op.execute("update licensing_quota set plan_limit = limit_count")
    op.execute("alter table licensing_quota set (fillfactor = 80)")
    op.execute(f"grant select (revision, customer_id) on licensing_license to {ddl.LICENSE}")
    # FOR UPDATE asks for the right to change some column; the path itself changes the counts and when they were set.
    op.execute(f"grant select (customer_id, set_at), update (used_count, reserved_count, set_at) on licensing_quota to {ddl.LICENSE}")


def _reservations() -> None:
    # No foreign keys on what the hot path writes: the same statement copies license and customer from the rows it holds,
    # and each check would lock the referenced row once more.
    op.create_table(
        "licensing_reservation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("license_id", sa.Uuid, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("expires_at", UTC, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("settled_at", UTC),
        sa.UniqueConstraint("license_id", "external_id"),
        sa.CheckConstraint("quantity between 1 and 1000", name="quantity"),
        sa.CheckConstraint("state in ('held','committed','released','expired')", name="state"),
        sa.CheckConstraint("(state = 'held') = (settled_at is null)", name="settled"),
        sa.Index("ix_licensing_reservation_held", "expires_at", postgresql_where=sa.text("state = 'held'")),
        sa.Index("ix_licensing_reservation_settled", "settled_at", postgresql_where=sa.text("state <> 'held'")),
    )
    ddl.customer_owned("licensing_reservation", app=None)
    ddl.license_may("licensing_reservation", "select, insert, update (state, settled_at)")
    ddl.state_machine("licensing_reservation", {"held": ("committed", "released", "expired")})


def _usage() -> None:
    op.create_table(
        "licensing_usage_receipt",
        sa.Column("license_id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("received_at", UTC, nullable=False),
        sa.Index("ix_licensing_usage_receipt_received_at", "received_at"),
    )
    op.create_table(
        "licensing_usage_event",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("at", UTC, primary_key=True),
        sa.Column("license_id", sa.Uuid, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Uuid, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("used_before", sa.Integer, nullable=False),
        sa.Column("used_after", sa.Integer, nullable=False),
        sa.Column("limit_count", sa.Integer),
        sa.Column("event_id", sa.Text),
        sa.CheckConstraint("action in ('created','deleted','set','committed')", name="action"),
        sa.CheckConstraint("used_before >= 0 and used_after >= 0", name="counts"),
        sa.Index("ix_licensing_usage_event_license", "license_id", "at"),
        postgresql_partition_by="range (at)",
    )
    op.execute("select runtime_ensure_months('licensing_usage_event', (now() at time zone 'UTC')::date, 4)")
    ddl.customer_owned("licensing_usage_receipt", app=None)
    ddl.customer_owned("licensing_usage_event", app="select")
    ddl.license_may("licensing_usage_receipt", "select, insert")
    ddl.license_may("licensing_usage_event", "select, insert")
    ddl.append_only("licensing_usage_event")


def _alerts() -> None:
    op.create_table(
        "licensing_alert",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("license_id", sa.Uuid, sa.ForeignKey("licensing_license.id"), nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("threshold", sa.Integer, nullable=False),
        sa.Column("period", sa.Date, nullable=False),
        sa.Column("limit_count", sa.Integer, nullable=False),
        sa.Column("used_count", sa.Integer, nullable=False),
        sa.Column("raised_at", UTC, nullable=False),
        sa.Column("announced_at", UTC),
        sa.UniqueConstraint("license_id", "resource", "threshold", "period", "limit_count"),
        sa.CheckConstraint("threshold in (80, 90, 100)", name="threshold"),
        sa.Index("ix_licensing_alert_customer", "customer_id", "id"),
        sa.Index("ix_licensing_alert_unannounced", "id", postgresql_where=sa.text("announced_at is null")),
    )
    ddl.customer_owned("licensing_alert", app="select")
    ddl.license_may("licensing_alert", "select, insert")


def _leases() -> None:
    op.create_table(
        "licensing_revocation",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        # Commits are not in the order of `seq`: readers go by the transaction, and only up to the oldest that is still under way.
        sa.Column("xid", sa.BigInteger, nullable=False, server_default=sa.text("pg_current_xact_id()::text::bigint")),
        sa.Column("license_id", sa.Uuid, nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("server_id", sa.Uuid),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.CheckConstraint("reason in ('suspended','cancelled','rotated','moved','changed')", name="reason"),
        sa.Index("ix_licensing_revocation_order", "xid", "seq"),
        sa.Index("ix_licensing_revocation_customer_id", "customer_id"),
    )
    ddl.customer_owned("licensing_revocation", app=None)
    ddl.license_may("licensing_revocation", "select")
    op.create_table(
        "licensing_signing_key",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kid", sa.Text, nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("private_key_sealed", sa.Text, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("signs_from", UTC, nullable=False),
        sa.Column("signs_until", UTC),
        sa.Column("published_until", UTC),
        sa.CheckConstraint("octet_length(public_key) = 32", name="public_key"),
        sa.CheckConstraint("signs_until >= signs_from and published_until >= created_at", name="times"),
    )
    ddl.internal("licensing_signing_key", work="select, insert, update", licenses="select")


def downgrade() -> None:
    for table in ("licensing_signing_key", "licensing_revocation", "licensing_alert", "licensing_usage_event", "licensing_usage_receipt"):
        op.drop_table(table)
    ddl.no_state_machine("licensing_reservation")
    op.drop_table("licensing_reservation")
    op.execute(f"revoke update (last_used_at) on identity_panel_key from {ddl.LICENSE}")
    op.execute(f"revoke update on licensing_quota from {ddl.LICENSE}")
    for name in ("set_at", "overridden", "plan_limit"):
        op.drop_column("licensing_quota", name)
    op.execute("alter table licensing_quota reset (fillfactor)")
    op.execute("drop trigger licensing_license_revision on licensing_license")
    op.execute("drop function licensing_next_revision()")
    op.drop_index("ix_licensing_license_state", "licensing_license")
    op.drop_index("ix_licensing_license_server", "licensing_license")
    for name in ("key_rotated_at", "revision", "plan_features"):
        op.drop_column("licensing_license", name)
    op.execute("drop function runtime_ensure_months(regclass, date, integer)")
