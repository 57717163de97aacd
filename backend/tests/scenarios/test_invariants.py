"""Each rule that production checks, broken once: what a broken disk, a bad restore or a hand in the database could leave is found."""

from __future__ import annotations

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from nextbill.wiring import INVARIANTS
from tests.support.buyer import register
from tests.support.shop import Shop

TWICE = """do $$ declare found record; begin
  for found in select i.indexrelid::regclass as name, c.conname from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype = 'u'
    where i.indrelid = '{table}'::regclass and i.indisunique and not i.indisprimary loop
    if found.conname is null then execute format('drop index %s', found.name);
    else execute format('alter table {table} drop constraint %I cascade', found.conname); end if;
  end loop;
  insert into {table} select (jsonb_populate_record(kept, jsonb_build_object('id', gen_random_uuid()))).* from {table} kept;
end $$"""
RENEWAL = (
    "insert into domains_renewal (id, domain_id, customer_id, from_on, years, state, collection, invoice_id, line_id, created_at, paid_at, changed_at) "
    "select gen_random_uuid(), id, customer_id, expires_on, 1, '{state}', 'invoice', id, id, now(), {paid}, now() from domains_domain limit 1"
)
# rule → what breaks it, in a shop with one delivered purchase
PLANTED = {
    "account_under_way": "update hosting_account set state = 'requested'",
    "attempts_not_stuck": "update payments_attempt set state = 'open', next_check_at = null",
    "billing_runs_agree": "update subscriptions_period set chunk_id = gen_random_uuid()",
    "billing_runs_end": "insert into subscriptions_run (id, on_day, state, started_by, started_at) "
    "values (gen_random_uuid(), current_date, 'running', 'planted', now() - interval '3650 days')",
    "capacity_exact": "update hosting_server set used = used + 1",
    "documents_unchanged": "alter table invoicing_document drop constraint ck_invoicing_document_sha256; insert into invoicing_document select gen_random_uuid(), customer_id, 'invoice', gen_random_uuid(), 'application/pdf', number, 'en', repeat('0', 64), 'x', now() from invoicing_invoice",
    "cards_within_caps": "insert into payments_card values ('planted', 'visa', null, null); insert into payments_decline "
    "select gen_random_uuid(), c.id, 'planted', 'generic_decline', null, 'retry', now() from customers_customer c cross join generate_series(1, 16)",
    "collections_follow_charges": "insert into payments_collection (payable_id, customer_id, state, started_on, attempt_id, changed_at) "
    "select payable_id, customer_id, 'trying', current_date, id, now() from payments_attempt",
    "coupon_uses_counted": "update catalog_coupon set used_count = used_count + 1",
    "domain_held_once": TWICE.format(table="domains_domain"),
    "domain_renewal_not_before_money": RENEWAL.format(state="invoiced", paid="null")
    + "; insert into runtime_step (id, name, subject_id, state, correlation, requested_at, changed_at) "
    "select gen_random_uuid(), 'domains.renew', id, 'requested', 'planted', now(), now() from domains_renewal",
    "domain_renewal_paid_not_renewed": RENEWAL.format(state="renewing", paid="now() - interval '3650 days'"),
    "domain_under_way": "update domains_domain set state = 'pending'",
    "first_password_erased": "update hosting_account set revealed_at = now(), password_sealed = '\\x00'",
    "holds_are_freed": "insert into licensing_reservation (id, license_id, resource, customer_id, quantity, external_id, state, expires_at, created_at) "
    "select gen_random_uuid(), license_id, resource, customer_id, 1, 'late', 'held', now() - interval '1 hour', now() from licensing_quota limit 1",
    "identity_disabled_is_out": "update identity_login set disabled_at = now()",
    "identity_has_admin": "update identity_login set role = 'support' where role = 'admin'",
    "invoice_numbers_gapless": "update invoicing_counter set last = 9",
    "invoice_total_is_sum_of_lines": "update invoicing_invoice_line set net_minor = net_minor - 1, unit_net_minor = unit_net_minor - 1, total_minor = total_minor - 1",
    "ledger_balances": "update ledger_entry set amount_minor = amount_minor + 1, home_minor = home_minor + 1 where account = 'revenue_hosting'",
    "license_key_unique": TWICE.format(table="licensing_license"),
    "one_default_card": "insert into payments_method (id, customer_id, gateway_ref, gateway_customer, fingerprint, brand, last4, exp_month, exp_year, "
    "funding, state, is_default, consent_terms, consent_address, consented_at, created_at) select id, id, 'pm_planted', 'cus', 'planted', 'visa', '4242', 12, 2034, "
    "'credit', 'active', false, '2026', '127.0.0.1', now(), now() from customers_customer limit 1",
    "one_net_charge_per_paid_payable": "update payments_attempt set surplus = true",
    "order_parts_agree": "update orders_part set unit_minor = unit_minor + 1, net_minor = net_minor + 1",
    "order_states_agree": "update orders_line set state = 'waiting'",
    "order_totals_agree": "update orders_order set net_minor = net_minor + 1",
    "paid_invoice_has_postings": "delete from ledger_entry where account = 'receivable'",
    "paid_orders_fulfilled": "with late as (update orders_order set state = 'paid', paid_at = now() - interval '2 days') update orders_line set state = 'waiting'",
    "quota_of_the_licensee": "update licensing_quota set customer_id = gen_random_uuid()",
    "receivable_matches_open_invoices": "delete from ledger_entry where account = 'receivable' and amount_minor < 0",
    "reserved_as_held": "update licensing_quota set reserved_count = 1",
    "refunds_within_paid": "update payments_attempt set refunded_minor = 1",
    "reverse_charge_has_proof": "update tax_sale set scheme = 'reverse_charge'",
    "subscription_items_agree": "update subscriptions_item set unit_minor = unit_minor + 1",
    "subscription_periods_billed": "delete from subscriptions_period",
    "subscription_periods_anchored": "update subscriptions_subscription set next_due_on = next_due_on + 1",
    "usage_has_its_months": "drop table licensing_usage_event cascade",
    "tax_id_proven": "insert into tax_id select id, 'FR40303265045', 'FR', 'valid', null, 0, now(), now(), null from customers_customer limit 1",
    "vat_threshold_is_sum_of_sales": "insert into tax_threshold values (2020, 1, 1)",
}


async def test_a_violation_of_each_is_found(shop: Shop, demo: str) -> None:
    buyer = await register(shop)
    order = await buyer.order("my-first-shop.com")
    await buyer.pay(order["id"])
    await shop.drain()
    assert set(PLANTED) == {rule.name for rule in INVARIANTS}, "a rule without a planted violation proves nothing"
    engine = create_async_engine(make_url(demo).set(drivername="postgresql+psycopg"))
    blind = []
    for rule in INVARIANTS:
        async with AsyncSession(engine) as tx:
            assert await rule.find(tx, shop.clock.now()) == [], f"{rule.name} is violated before anything was planted"
            await tx.execute(text("set local session_replication_role = replica"))  # the owner's triggers and foreign keys look away
            await tx.execute(text(PLANTED[rule.name].replace(":", "\\:")))
            if not await rule.find(tx, shop.clock.now()):
                blind.append(rule.name)
            await tx.rollback()
    await engine.dispose()
    assert blind == []
