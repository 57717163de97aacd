"""What is sold beyond plans and names: add-ons, options, products, coupons, stock; parts of order lines and items of subscriptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from nextbill.runtime import ddl

revision = "0017_catalog"
down_revision = "0016_tax"
branch_labels = None
depends_on = None

UTC = pg.TIMESTAMP(timezone=True)
ON_SALE = "state in ('on_sale','withdrawn')"
CYCLE = "cycle_unit in ('day','week','month','year','once') and cycle_count between 1 and 120 and (cycle_unit <> 'once' or cycle_count = 1)"
INCLUDED = (
    "(included_domains = 0) = (included_for is null) and num_nulls(included_unit, included_count) in (0, 2) and included_domains between 0 and 20"
)
HOLDS = {"held": ("taken", "released"), "taken": ("released",)}
REDEMPTIONS = {"held": ("redeemed", "released"), "redeemed": ("released",)}


def upgrade() -> None:
    _plans()
    _tlds()
    _stock_and_addons()
    _options()
    _coupons()
    _redemptions()
    _orders()
    _order_parts()
    _subscriptions()
    _rights()


def _plans() -> None:
    none = sa.text("'[]'")
    for column in (
        sa.Column("kind", sa.Text, nullable=False, server_default="hosting"),
        sa.Column("product_class", sa.Text, nullable=False, server_default="hosting"),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
        sa.Column("trial_days", sa.Integer, nullable=False, server_default="0"),
        sa.Column("included_domains", sa.Integer, nullable=False, server_default="0"),
        sa.Column("included_tlds", pg.JSONB, nullable=False, server_default=none),
        sa.Column("included_unit", sa.Text),
        sa.Column("included_count", sa.Integer),
        sa.Column("included_for", sa.Text),
        sa.Column("stock_left", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    ):
        op.add_column("catalog_plan", column)
    op.drop_constraint(op.f("ck_catalog_plan_state"), "catalog_plan")
    for name, rule in {
        "state": "state in ('draft','on_sale','withdrawn')",
        "kind": "kind in ('hosting','addon','product')",
        "trial_days": "trial_days between 0 and 365",
        "stock_left": "stock_left >= 0",
        "included": INCLUDED,
        "included_for": "included_for in ('first_year','while_active')",
        "included_cycle": "included_unit in ('day','week','month','year') and included_count > 0",
        "hosting_only": "kind = 'hosting' or (included_domains = 0 and trial_days = 0)",
    }.items():
        op.create_check_constraint(name, "catalog_plan", rule)
    op.add_column("catalog_plan_price", sa.Column("setup_minor", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("catalog_plan_price", sa.Column("cost_minor", sa.BigInteger))
    op.drop_constraint(op.f("ck_catalog_plan_price_cycle"), "catalog_plan_price")
    op.create_check_constraint("cycle", "catalog_plan_price", CYCLE)
    op.create_check_constraint("setup", "catalog_plan_price", "setup_minor >= 0")
    op.create_check_constraint("cost", "catalog_plan_price", "cost_minor >= 0")


def _tlds() -> None:
    op.add_column("catalog_tld", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.add_column("catalog_tld_price", sa.Column("years", sa.Integer, nullable=False, server_default="1"))
    op.add_column("catalog_tld_price", sa.Column("cost_minor", sa.BigInteger))
    op.add_column("catalog_tld_price", sa.Column("cost_currency", sa.CHAR(3)))
    op.drop_constraint("uq_catalog_tld_price_version", "catalog_tld_price")
    op.create_unique_constraint("uq_catalog_tld_price_version", "catalog_tld_price", ["tld_id", "operation", "years", "currency", "version"])
    op.create_check_constraint("years", "catalog_tld_price", "years between 1 and 10")
    op.create_check_constraint("cost", "catalog_tld_price", "cost_minor >= 0 and num_nulls(cost_minor, cost_currency) in (0, 2)")


def _stock_and_addons() -> None:
    op.create_table(
        "catalog_plan_addon",
        sa.Column("plan_id", sa.Uuid, sa.ForeignKey("catalog_plan.id"), primary_key=True),
        sa.Column("addon_id", sa.Uuid, sa.ForeignKey("catalog_plan.id"), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.CheckConstraint("plan_id <> addon_id", name="not_itself"),
    )
    op.create_table(
        "catalog_stock_hold",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("plan_id", sa.Uuid, sa.ForeignKey("catalog_plan.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("line_id", sa.Uuid, nullable=False),
        sa.Column("quantity", sa.Integer, sa.CheckConstraint("quantity > 0", name="quantity"), nullable=False),
        sa.Column("state", sa.Text, sa.CheckConstraint("state in ('held','taken','released')", name="state"), nullable=False),
        sa.Column("held_at", UTC, nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.UniqueConstraint("line_id", "plan_id"),
        sa.Index("ix_catalog_stock_hold_order", "order_id"),
        sa.Index("ix_catalog_stock_hold_plan", "plan_id", "state"),
        sa.Index("ix_catalog_stock_hold_customer_id", "customer_id"),
    )


def _options() -> None:
    op.create_table(
        "catalog_option",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "description", "kind")),
        sa.Column("required", sa.Boolean, nullable=False),
        sa.Column("minimum", sa.Integer, nullable=False),
        sa.Column("maximum", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint("kind in ('choice','quantity')", name="kind"),
        sa.CheckConstraint("0 <= minimum and minimum <= maximum and maximum between 1 and 1000", name="bounds"),
        sa.CheckConstraint(ON_SALE, name="state"),
    )
    op.create_table(
        "catalog_option_value",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("option_id", sa.Uuid, sa.ForeignKey("catalog_option.id"), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("limits", pg.JSONB, nullable=False),
        sa.Column("features", pg.JSONB, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.UniqueConstraint("option_id", "code"),
        sa.CheckConstraint(ON_SALE, name="state"),
    )
    op.create_table(
        "catalog_option_price",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("value_id", sa.Uuid, sa.ForeignKey("catalog_option_value.id"), nullable=False),
        sa.Column("cycle_unit", sa.Text, nullable=False),
        sa.Column("cycle_count", sa.Integer, nullable=False),
        sa.Column("price_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.UniqueConstraint("value_id", "cycle_unit", "cycle_count", "currency", "version", name="uq_catalog_option_price_version"),
        sa.CheckConstraint(CYCLE, name="cycle"),
        sa.CheckConstraint("price_minor >= 0", name="price"),
    )
    op.create_table(
        "catalog_plan_option",
        sa.Column("plan_id", sa.Uuid, sa.ForeignKey("catalog_plan.id"), primary_key=True),
        sa.Column("option_id", sa.Uuid, sa.ForeignKey("catalog_option.id"), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
    )


def _coupons() -> None:
    off = "(kind = 'percent' and percent_ppm between 1 and 1000000) or (kind = 'amount' and percent_ppm is null)"
    op.create_table(
        "catalog_coupon",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("percent_ppm", sa.Integer),
        *(sa.Column(name, pg.JSONB, nullable=False) for name in ("amounts", "minimums")),
        sa.Column("periods", sa.Integer),
        *(sa.Column(name, pg.JSONB, nullable=False) for name in ("plan_codes", "tlds")),
        *(sa.Column(name, sa.Boolean, nullable=False) for name in ("covers_setup", "new_customers_only")),
        sa.Column("per_customer", sa.Integer),
        sa.Column("max_uses", sa.Integer),
        sa.Column("used_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint("code = upper(code) and code <> ''", name="code"),
        sa.CheckConstraint(off, name="off"),
        sa.CheckConstraint("used_count >= 0 and (max_uses is null or used_count <= max_uses)", name="used_count"),
        sa.CheckConstraint("periods > 0 and per_customer > 0", name="counts"),
        sa.CheckConstraint("state in ('active','withdrawn')", name="state"),
    )


def _redemptions() -> None:
    op.create_table(
        "catalog_redemption",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("coupon_id", sa.Uuid, sa.ForeignKey("catalog_coupon.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False, unique=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("percent_ppm", sa.Integer),
        sa.Column("periods", sa.Integer),
        sa.Column("discount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("held_at", UTC, nullable=False),
        sa.Column("changed_at", UTC, nullable=False),
        sa.CheckConstraint("state in ('held','redeemed','released')", name="state"),
        sa.CheckConstraint("discount_minor >= 0", name="discount"),
        sa.Index("ix_catalog_redemption_coupon", "coupon_id", "customer_id"),
        sa.Index("ix_catalog_redemption_customer_id", "customer_id"),
    )
    op.create_table(
        "catalog_redemption_line",
        sa.Column("redemption_id", sa.Uuid, sa.ForeignKey("catalog_redemption.id"), primary_key=True),
        sa.Column("line_id", sa.Uuid, primary_key=True),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("again_minor", sa.BigInteger),
        sa.UniqueConstraint("line_id"),
        sa.Index("ix_catalog_redemption_line_customer_id", "customer_id"),
    )
    op.create_table(
        "catalog_redemption_period",
        sa.Column("redemption_id", sa.Uuid, primary_key=True),
        sa.Column("line_id", sa.Uuid, primary_key=True),
        sa.Column("period_index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("discount_minor", sa.BigInteger, nullable=False),
        sa.Column("used_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["redemption_id", "line_id"],
            ["catalog_redemption_line.redemption_id", "catalog_redemption_line.line_id"],
            name="fk_catalog_redemption_period_line",
        ),
        sa.CheckConstraint("period_index >= 0 and discount_minor >= 0", name="period"),
        sa.Index("ix_catalog_redemption_period_customer_id", "customer_id"),
    )


def _orders() -> None:
    op.add_column("orders_order", sa.Column("coupon_code", sa.Text))
    op.add_column("orders_order", sa.Column("expires_at", UTC))
    op.create_index("ix_orders_order_expiring", "orders_order", ["expires_at"], postgresql_where=sa.text("state = 'pending'"))
    for column in (
        sa.Column("quantity", sa.Integer, nullable=False, server_default="1"),
        sa.Column("trial_days", sa.Integer, nullable=False, server_default="0"),
        sa.Column("list_minor", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("discount_minor", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("included_for", sa.Text),
        sa.Column("cost_minor", sa.BigInteger),
        sa.Column("cost_currency", sa.CHAR(3)),
    ):
        op.add_column("orders_line", column)
    op.execute("update orders_line set list_minor = net_minor")
    op.drop_constraint(op.f("ck_orders_line_kind"), "orders_line")
    op.drop_constraint(op.f("ck_orders_line_plan"), "orders_line")
    op.create_check_constraint("kind", "orders_line", "kind in ('hosting','domain','product')")
    op.create_check_constraint("plan", "orders_line", "kind = 'domain' or (plan_code is not null and (kind = 'product' or cycle_unit is not null))")
    op.create_check_constraint("list", "orders_line", "discount_minor >= 0 and list_minor - discount_minor = net_minor")
    op.create_check_constraint("quantity", "orders_line", "quantity > 0 and trial_days >= 0")
    op.create_check_constraint("included_for", "orders_line", "included_for in ('first_year','while_active')")


def _order_parts() -> None:
    op.create_table(
        "orders_part",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("orders_order.id"), nullable=False),
        sa.Column("line_id", sa.Uuid, sa.ForeignKey("orders_line.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "code", "description", "product_class")),
        sa.Column("product_id", sa.Uuid),
        sa.Column("quantity", sa.Integer, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("unit_minor", "discount_minor", "net_minor", "tax_minor")),
        sa.Column("discount_note", sa.Text),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("price_id", sa.Uuid),
        sa.Column("price_version", sa.Integer, nullable=False),
        sa.Column("billing", sa.Text, nullable=False),
        sa.Column("details", pg.JSONB, nullable=False),
        sa.UniqueConstraint("line_id", "position"),
        sa.CheckConstraint("kind in ('plan','setup','addon','addon_setup','option','domain','product')", name="kind"),
        sa.CheckConstraint("quantity > 0 and unit_minor >= 0 and discount_minor >= 0 and net_minor >= 0 and tax_minor >= 0", name="amounts"),
        sa.CheckConstraint("unit_minor * quantity - discount_minor = net_minor", name="net"),
        sa.CheckConstraint("billing in ('once','each_period','first_period')", name="billing"),
        sa.Index("ix_orders_part_order_id", "order_id"),
        sa.Index("ix_orders_part_customer_id", "customer_id"),
    )
    op.execute(
        "insert into orders_part (id, order_id, line_id, customer_id, position, kind, code, description, product_class, product_id, quantity, unit_minor, "
        "discount_minor, net_minor, tax_minor, currency, price_version, billing, details) "
        "select gen_random_uuid(), order_id, id, customer_id, 0, case kind when 'hosting' then 'plan' else 'domain' end, coalesce(plan_code, domain_name), "
        "description, product_class, plan_id, 1, net_minor, 0, net_minor, tax_minor, currency, price_version, "
        "case kind when 'hosting' then 'each_period' else 'once' end, '{}' from orders_line"
    )


def _subscriptions() -> None:
    op.add_column("subscriptions_subscription", sa.Column("trial_days", sa.Integer, nullable=False, server_default="0"))
    op.add_column("subscriptions_subscription", sa.Column("trial_ends_on", sa.Date))
    op.add_column("subscriptions_subscription", sa.Column("price_id", sa.Uuid))
    op.create_table(
        "subscriptions_item",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("subscription_id", sa.Uuid, sa.ForeignKey("subscriptions_subscription.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid, sa.ForeignKey("customers_customer.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("code", "name")),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("unit_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("price_id", sa.Uuid),
        sa.Column("price_version", sa.Integer, nullable=False),
        sa.Column("billing", sa.Text, nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.UniqueConstraint("subscription_id", "position"),
        sa.CheckConstraint("quantity > 0 and unit_minor >= 0", name="amounts"),
        sa.CheckConstraint("billing in ('each_period','first_period')", name="billing"),
        sa.Index("ix_subscriptions_item_product", "product_id", "price_version"),
        sa.Index("ix_subscriptions_item_customer_id", "customer_id"),
    )
    op.execute(
        "insert into subscriptions_item (id, subscription_id, customer_id, position, kind, product_id, code, name, quantity, unit_minor, currency, "
        "price_version, billing, created_at) select gen_random_uuid(), id, customer_id, 0, 'plan', plan_id, plan_code, plan_name, 1, price_minor, "
        "currency, price_version, 'each_period', created_at from subscriptions_subscription"
    )


def _rights() -> None:
    for table in ("catalog_plan_addon", "catalog_plan_option", "catalog_option", "catalog_option_value"):
        ddl.internal(table, app="select")
    ddl.internal("catalog_option_price", work="select, insert", app="select")
    ddl.append_only("catalog_option_price")
    # A customer's order takes a piece off a stock and a use off a coupon, in one conditional UPDATE each, and nothing else.
    ddl.internal("catalog_coupon", app="select, update (used_count)")
    op.execute(f"grant update (stock_left) on catalog_plan to {ddl.APP}")
    for table in ("catalog_stock_hold", "catalog_redemption", "catalog_redemption_line", "catalog_redemption_period", "orders_part"):
        ddl.customer_owned(table, app="select, insert")
    ddl.customer_owned("subscriptions_item", app="select")
    ddl.append_only("catalog_redemption_period")
    ddl.append_only("orders_part")
    ddl.state_machine("catalog_stock_hold", HOLDS)
    ddl.state_machine("catalog_redemption", REDEMPTIONS)


def downgrade() -> None:
    for table in ("catalog_stock_hold", "catalog_redemption"):
        ddl.no_state_machine(table)
    op.execute(f"revoke update (stock_left) on catalog_plan from {ddl.APP}")
    for table in (
        "subscriptions_item",
        "orders_part",
        "catalog_redemption_period",
        "catalog_redemption_line",
        "catalog_redemption",
        "catalog_coupon",
    ):
        op.drop_table(table)
    for table in ("plan_option", "option_price", "option_value", "option", "stock_hold", "plan_addon"):
        op.drop_table(f"catalog_{table}")
    for column in ("price_id", "trial_ends_on", "trial_days"):
        op.drop_column("subscriptions_subscription", column)
    _orders_before()
    _tlds_before()
    _plans_before()


def _orders_before() -> None:
    for name in ("kind", "plan", "list", "quantity", "included_for"):
        op.drop_constraint(op.f(f"ck_orders_line_{name}"), "orders_line")
    for column in ("cost_currency", "cost_minor", "included_for", "discount_minor", "list_minor", "trial_days", "quantity"):
        op.drop_column("orders_line", column)
    op.create_check_constraint("kind", "orders_line", "kind in ('hosting','domain')")
    op.create_check_constraint("plan", "orders_line", "kind <> 'hosting' or (plan_code is not null and cycle_unit is not null)")
    op.drop_index("ix_orders_order_expiring", "orders_order")
    op.drop_column("orders_order", "expires_at")
    op.drop_column("orders_order", "coupon_code")


def _tlds_before() -> None:
    for name in ("years", "cost"):
        op.drop_constraint(op.f(f"ck_catalog_tld_price_{name}"), "catalog_tld_price")
    op.drop_constraint("uq_catalog_tld_price_version", "catalog_tld_price")
    for column in ("cost_currency", "cost_minor", "years"):
        op.drop_column("catalog_tld_price", column)
    op.create_unique_constraint("uq_catalog_tld_price_version", "catalog_tld_price", ["tld_id", "operation", "currency", "version"])
    op.drop_column("catalog_tld", "version")


def _plans_before() -> None:
    for name in ("setup", "cost", "cycle"):
        op.drop_constraint(op.f(f"ck_catalog_plan_price_{name}"), "catalog_plan_price")
    for column in ("cost_minor", "setup_minor"):
        op.drop_column("catalog_plan_price", column)
    op.create_check_constraint("cycle", "catalog_plan_price", "cycle_unit in ('day','week','month','year') and cycle_count > 0")
    for name in ("state", "kind", "trial_days", "stock_left", "included", "included_for", "included_cycle", "hosting_only"):
        op.drop_constraint(op.f(f"ck_catalog_plan_{name}"), "catalog_plan")
    for column in (
        "version", "stock_left", "included_for", "included_count", "included_unit", "included_tlds", "included_domains", "trial_days", "description",
        "product_class", "kind",
    ):  # fmt: skip
        op.drop_column("catalog_plan", column)
    op.create_check_constraint("state", "catalog_plan", "state in ('on_sale','withdrawn')")
