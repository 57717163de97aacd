"""Tax decided whole: policy, categories of rules, checked tax ids, exemptions, evidence, the VAT book and its threshold."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0016_tax"
down_revision = "0015_licensing_usage"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
CATEGORY = "category in ('S','Z','E','AE','K','G','O')"
TABLES = ("task", "sale", "threshold", "evidence", "exemption", "id_check", "id", "provider_rate", "policy")
NUMBERED = """
update tax_rule r set version = n.version from (
  select id, row_number() over (partition by country, state, product_class, buyer order by valid_from, id) as version from tax_rule
) n where n.id = r.id
"""
COUNT = """
create function tax_count_sale() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into tax_threshold (year, total_minor, highest_minor)
    values (extract(year from new.on_day)::int, new.home_net_minor, greatest(new.home_net_minor, 0))
    on conflict (year) do update set total_minor = tax_threshold.total_minor + new.home_net_minor,
      highest_minor = greatest(tax_threshold.highest_minor, tax_threshold.total_minor + new.home_net_minor)
    returning total_minor into new.after_minor;
  return new;
end $$
"""
ERASE_ONLY = """
create function tax_only_erased() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - 'name' - 'address' <> to_jsonb(old) - 'name' - 'address' or coalesce(new.name, new.address) is not null then
    raise exception 'tax_id_check is append-only: name and address can be erased, nothing else' using errcode = 'restrict_violation';
  end if;
  return new;
end $$
"""


def upgrade() -> None:
    _rules()
    _policy()
    _buyers()
    _evidence()
    _sales()
    _tasks()
    _rights()


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _owner(*, nullable: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=nullable, primary_key=primary_key)


def _rules() -> None:
    op.add_column("tax_rule", sa.Column("category", sa.Text))
    op.add_column("tax_rule", sa.Column("exemption_code", sa.Text))
    op.add_column("tax_rule", sa.Column("version", sa.Integer))
    op.execute("update tax_rule set category = case when rate_ppm > 0 then 'S' when buyer = 'registered' then 'AE' else 'E' end")
    op.execute(NUMBERED)
    op.alter_column("tax_rule", "category", nullable=False)
    op.alter_column("tax_rule", "version", nullable=False)
    op.create_check_constraint("category", "tax_rule", CATEGORY)
    op.create_check_constraint("category_rate", "tax_rule", "(category = 'S') = (rate_ppm > 0)")
    places = [sa.text("coalesce(state, '')"), sa.text("coalesce(product_class, '')")]
    op.create_index("uq_tax_rule_version", "tax_rule", ["country", *places, "buyer", "version"], unique=True)
    op.create_table(
        "tax_provider_rate",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("country", sa.CHAR(2), nullable=False),
        *_texts("state", "postal_code", "product_class"),
        sa.Column("rate_ppm", sa.Integer),
        sa.Column("name", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("asked_at", UTC, nullable=False),
        sa.Column("next_at", UTC, nullable=False),
        sa.Column("answered_at", UTC),
        sa.UniqueConstraint("country", "state", "postal_code", "product_class"),
        sa.CheckConstraint("rate_ppm between 0 and 1000000 and (rate_ppm is null) = (answered_at is null)", name="answer"),
        sa.Index("ix_tax_provider_rate_next_at", "next_at"),
    )


def _policy() -> None:
    op.create_table(
        "tax_policy",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False, unique=True),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("seller_country", sa.CHAR(2), nullable=False),
        sa.Column("home_currency", sa.CHAR(3), nullable=False),
        sa.Column("requester_id", sa.Text),
        sa.Column("oss", sa.Text, sa.CheckConstraint("oss in ('auto','registered','below_threshold')", name="oss"), nullable=False),
        sa.Column("threshold_minor", sa.BigInteger, sa.CheckConstraint("threshold_minor >= 0", name="threshold")),
        sa.Column("small_business", sa.Boolean, nullable=False),
        sa.Column("small_business_notes", pg.JSONB, nullable=False),
        sa.Column("inclusive", sa.Boolean, nullable=False),
        sa.Column("inclusive_by_country", pg.JSONB, nullable=False),
        *_texts("rounding_scope", "rounding_mode"),
        sa.Column("third_country", sa.CHAR(1), sa.CheckConstraint("third_country in ('O','G')", name="third_country"), nullable=False),
        sa.Column("recheck_days", sa.Integer, sa.CheckConstraint("recheck_days between 1 and 366", name="recheck"), nullable=False),
        sa.Column("late_proof", sa.Text, sa.CheckConstraint("late_proof in ('automatic','task')", name="late_proof"), nullable=False),
        sa.Column("provider_countries", pg.JSONB, nullable=False),
        sa.Column(
            "provider_failure", sa.Text, sa.CheckConstraint("provider_failure in ('refuse','own_rules')", name="provider_failure"), nullable=False
        ),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.CheckConstraint("rounding_scope in ('line','invoice') and rounding_mode in ('half_up','half_even','down')", name="rounding"),
    )


def _buyers() -> None:
    op.create_table(
        "tax_id",
        _owner(primary_key=True),
        sa.Column("tax_id", sa.Text, nullable=False),
        sa.Column("country", sa.CHAR(2), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("requested_at", UTC, nullable=False),
        sa.Column("checked_at", UTC),
        sa.Column("next_at", UTC),
        sa.CheckConstraint("state in ('pending','valid','invalid','unavailable','unchecked')", name="state"),
        sa.CheckConstraint("state not in ('valid','invalid') or checked_at is not null", name="checked"),
        sa.Index("ix_tax_id_next_at", "next_at"),
    )
    op.create_table(
        "tax_id_check",
        sa.Column("id", sa.Uuid, primary_key=True),
        _owner(),
        sa.Column("tax_id", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, sa.CheckConstraint("outcome in ('valid','invalid','unavailable')", name="outcome"), nullable=False),
        *_texts("reason", "request_identifier", "name", "address", nullable=True),
        sa.Column("at", UTC, nullable=False),
        sa.Index("ix_tax_id_check_customer_id", "customer_id", "id"),
    )
    op.create_table(
        "tax_exemption",
        sa.Column("id", sa.Uuid, primary_key=True),
        _owner(),
        sa.Column("country", sa.CHAR(2), nullable=False),
        sa.Column("state", sa.Text),
        *_texts("number", "document"),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("granted_at", UTC, nullable=False),
        sa.Column("granted_by", sa.Text, nullable=False),
        sa.CheckConstraint("valid_until >= valid_from", name="days"),
        sa.Index("ix_tax_exemption_customer_id", "customer_id", "id"),
    )


def _evidence() -> None:
    kinds = "kind in ('billing_address','ip_address','card','bank','phone','self_declared')"
    op.create_table(
        "tax_evidence",
        sa.Column("id", sa.Uuid, primary_key=True),
        _owner(),
        sa.Column("subject_type", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, sa.CheckConstraint(kinds, name="kind"), nullable=False),
        sa.Column("country", sa.CHAR(2), nullable=False),
        sa.Column("source_type", sa.Text, nullable=False),
        sa.Column("source_id", sa.Uuid),
        sa.Column("at", UTC, nullable=False),
        sa.UniqueConstraint("subject_type", "subject_id", "kind"),
        sa.Index("ix_tax_evidence_customer_id", "customer_id", "id"),
    )


def _sales() -> None:
    schemes = "scheme in ('rules','domestic','home','destination','reverse_charge','outside','small_business','certificate')"
    op.create_table(
        "tax_sale",
        sa.Column("id", sa.Uuid, primary_key=True),
        _owner(nullable=True),
        sa.Column("document_type", sa.Text, nullable=False),
        sa.Column("document_id", sa.Uuid, nullable=False),
        sa.Column("document_number", sa.Text),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("buyer_country", sa.CHAR(2), nullable=False),
        sa.Column("place", sa.CHAR(2)),
        sa.Column("scheme", sa.Text, sa.CheckConstraint(schemes, name="scheme"), nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("rate_ppm", sa.Integer, nullable=False),
        *(
            column
            for prefix in ("", "home_")
            for column in (
                sa.Column(f"{prefix}currency", sa.CHAR(3), nullable=False),
                sa.Column(f"{prefix}net_minor", sa.BigInteger, nullable=False),
                sa.Column(f"{prefix}tax_minor", sa.BigInteger, nullable=False),
            )
        ),
        sa.Column("home_rate_ppm", sa.BigInteger, sa.CheckConstraint("home_rate_ppm > 0", name="home_rate"), nullable=False),
        sa.Column("tax_id", sa.Text),
        sa.Column("tax_id_state", sa.Text, nullable=False),
        sa.Column("counts", sa.Boolean, nullable=False),
        sa.Column("after_minor", sa.BigInteger),
        sa.Column("at", UTC, nullable=False),
        sa.UniqueConstraint("document_type", "document_id", "scheme", "category", "rate_ppm"),
        sa.CheckConstraint("(after_minor is not null) = counts", name="counted"),
        sa.Index("ix_tax_sale_on_day", "on_day"),
        sa.Index("ix_tax_sale_customer_id", "customer_id", "id"),
    )
    op.create_table(
        "tax_threshold",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("total_minor", sa.BigInteger, nullable=False),
        sa.Column("highest_minor", sa.BigInteger, nullable=False),
    )


def _tasks() -> None:
    state = "state in ('open','done','dismissed') and (state = 'open') = (closed_at is null)"
    op.create_table(
        "tax_task",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, sa.CheckConstraint("kind in ('location_conflict','late_proof','wrong_place')", name="kind"), nullable=False),
        _owner(),
        sa.Column("subject_type", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("detail", pg.JSONB, nullable=False),
        sa.Column("state", sa.Text, sa.CheckConstraint(state, name="state"), nullable=False),
        sa.Column("opened_at", UTC, nullable=False),
        sa.Column("closed_at", UTC),
        *_texts("closed_by", "note", nullable=True),
        sa.UniqueConstraint("kind", "subject_type", "subject_id"),
        sa.Index("ix_tax_task_open", "id", postgresql_where=sa.text("state = 'open'")),
        sa.Index("ix_tax_task_customer_id", "customer_id"),
    )


def _rights() -> None:
    ddl.internal("tax_policy", work="select, insert", app="select")
    ddl.append_only("tax_policy")
    ddl.internal("tax_provider_rate", work="select, insert, update", app="select")
    ddl.internal("tax_threshold", work="select", app="select")
    ddl.customer_owned("tax_id", app="select")
    ddl.customer_owned("tax_id_check", app="select")
    ddl.customer_owned("tax_exemption", app="select")
    ddl.customer_owned("tax_evidence", app="select, insert")
    ddl.append_only("tax_evidence")
    ddl.customer_owned("tax_sale", app=None)
    ddl.append_only("tax_sale")
    ddl.customer_owned("tax_task", app=None)
    ddl.state_machine("tax_task", {"open": ["done", "dismissed"]})
    op.execute("revoke update, delete on tax_id_check, tax_exemption, tax_task from nextbill_work")
    op.execute("grant update (name, address) on tax_id_check to nextbill_work")
    op.execute("grant update (valid_until) on tax_exemption to nextbill_work")
    op.execute("grant update (state, closed_at, closed_by, note) on tax_task to nextbill_work")
    op.execute(ERASE_ONLY)
    op.execute("create trigger tax_id_check_erased before update on tax_id_check for each row execute function tax_only_erased()")
    op.execute(COUNT)
    op.execute("create trigger tax_sale_counted before insert on tax_sale for each row when (new.counts) execute function tax_count_sale()")


def downgrade() -> None:
    ddl.no_state_machine("tax_task")
    for table in TABLES:
        op.drop_table(f"tax_{table}")
    op.execute("drop function tax_count_sale()")
    op.execute("drop function tax_only_erased()")
    op.drop_index("uq_tax_rule_version", "tax_rule")
    for name in ("category_rate", "category"):
        op.drop_constraint(op.f(f"ck_tax_rule_{name}"), "tax_rule")
    for name in ("version", "exemption_code", "category"):
        op.drop_column("tax_rule", name)
