"""An invoice and its lines are judged together and once: whose they are, that all of them came now, and that they add up."""

from __future__ import annotations

from alembic import op

from nextbill.runtime import ddl

revision = "0029_papers_judged_once"
down_revision = "0028_entries_in_place"
branch_labels = None
depends_on = None

JUDGE = "language plpgsql security definer set search_path = public, pg_temp"
BY_KEY = "set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off"
INVOICE, LINE = "invoicing_invoice", "invoicing_invoice_line"
CUSTOMER = "customers_customer p where p.id = a.customer_id"
PAYABLE = "payments_payable p where p.id = a.payable_id and p.customer_id = a.customer_id"
# What has a payable is its customer's, who is there: the payable was judged so.
OWNER = f"(select 1) one where a.payable_id is not null or exists (select 1 from {CUSTOMER})"
OF_INVOICE = "invoicing_invoice p where p.id = a.invoice_id and p.customer_id = a.customer_id"


# A function that the statement itself calls may come upon a line before its invoice is there: nothing tells yet whether that will be issued.
ALONE = "if not found then raise exception 'a line whose invoice is not there stays as it is' using errcode = 'restrict_violation'; end if;"
HIS = "if new.customer_id <> old.customer_id then raise exception 'a payable stays with its customer' using errcode = 'restrict_violation'; end if;"


def upgrade() -> None:
    op.execute(
        f"""do $$ begin
            if exists (select 1 from {LINE} l join {INVOICE} i on i.id = l.invoice_id and i.number is not null
                group by l.invoice_id having (min(l.position), max(l.position)) is distinct from (1, count(*))) then
                raise exception 'there is an issued invoice whose lines do not count from 1' using errcode = 'check_violation';
            end if;
        end $$"""
    )
    _standing(ALONE)
    _payable(HIS)
    ddl.no_refers(INVOICE)
    ddl.refers(INVOICE, {"customer_id": OWNER, "payable_id": PAYABLE})
    _lines()
    _issued("n = 0 or (lowest, highest) is distinct from (1, n) or")
    op.execute(
        f"""create or replace function invoicing_refuse_wrong_wholes() returns trigger {JUDGE} {BY_KEY} as $$
        declare broken record;
        begin
            select a.id into broken from added a
                where a.number is not null and not exists (select 1 from invoicing_invoice_line l where l.invoice_id = a.id) limit 1;
            if found then
                raise exception 'invoicing_invoice % is not the sum of its lines', broken.id using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )


def _lines() -> None:
    """A draft is locked, so that no line slips into one that is being issued. Lines of an issued invoice come in one statement and count from 1: what comes
    later cannot, for its places are taken."""
    op.execute(f"drop trigger {LINE}_refers on {LINE}")
    op.execute(f"drop function {LINE}_refers_added()")
    op.execute(
        f"""create or replace function invoicing_guard_new_lines() returns trigger {JUDGE} {BY_KEY} as $$
        declare judged record;
        begin
            for round in 1..2 loop
                select bool_and(g.known) as known, bool_or(g.draft) as drafts, min(g.number) filter (where not g.draft and not g.whole) as late,
                    min(g.number) filter (where not g.draft and not g.added_up) as wrong into judged
                from (
                    select bool_and(i.id is not null) as known, bool_or(i.number is null) as draft, min(i.number) as number,
                        min(a.position) = 1 and max(a.position) = count(*) as whole,
                        (sum(a.net_minor), sum(a.tax_minor), sum(a.total_minor)) = (min(i.net_minor), min(i.tax_minor), min(i.total_minor)) as added_up
                    from added a left join invoicing_invoice i on i.id = a.invoice_id and i.customer_id = a.customer_id group by a.invoice_id
                ) g;
                exit when round = 2 or not judged.drafts;
                perform 1 from invoicing_invoice i where i.number is null and i.id in (select a.invoice_id from added a) order by i.id for share;
            end loop;
            if not judged.known then
                raise exception 'invoicing_invoice_line.invoice_id refers to what is not there' using errcode = 'foreign_key_violation';
            end if;
            if judged.late is not null then
                raise exception 'invoice % is issued and its lines stay as they are', judged.late using errcode = 'restrict_violation';
            end if;
            if judged.wrong is not null then
                raise exception 'invoice % is not the sum of its lines', judged.wrong using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )


def _issued(wrong: str) -> None:
    """A draft that gets its number, and whatever changes later: at commit."""
    op.execute(
        f"""create or replace function invoicing_refuse_wrong_invoice() returns trigger {JUDGE} as $$
        declare n bigint; lowest bigint; highest bigint; net bigint; tax bigint; total bigint;
        begin
            select count(*), min(l.position), max(l.position), sum(l.net_minor), sum(l.tax_minor), sum(l.total_minor) into n, lowest, highest, net, tax, total
                from invoicing_invoice_line l where l.invoice_id = new.id;
            if {wrong} (net, tax, total) is distinct from (new.net_minor, new.tax_minor, new.total_minor) then
                raise exception 'invoicing_invoice % is not the sum of its lines', new.id using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )


def _standing(alone: str) -> None:
    """Lines that are there. The parent is locked, so that none is taken from a draft that is being issued at this moment."""
    op.execute(
        f"""create or replace function invoicing_guard_invoice_line() returns trigger {JUDGE} as $$
        declare parent record;
        begin
            if tg_op = 'INSERT' then
                select number into parent from invoicing_invoice where id = new.invoice_id for share;
            else
                select number into parent from invoicing_invoice where id = old.invoice_id for share;
            end if;
            {alone}
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


def _payable(his: str) -> None:
    op.execute(
        f"""create or replace function payments_guard_payable() returns trigger {JUDGE} as $$
        begin
            {his}
            if new.amount_minor > old.amount_minor or new.amount_minor + new.reduced_minor <> old.amount_minor + old.reduced_minor then
                raise exception 'a payable only shrinks, and says by how much' using errcode = 'restrict_violation';
            end if;
            return new;
        end $$"""
    )


def downgrade() -> None:
    _payable("")
    _standing("")
    _issued("n = 0 or")
    op.execute(
        f"""create or replace function invoicing_guard_new_lines() returns trigger {JUDGE} as $$
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
    op.execute(f"drop trigger {LINE}_moved on {LINE}")
    op.execute(f"drop function {LINE}_refers_moved()")
    ddl.refers(LINE, {"customer_id": OF_INVOICE})
    ddl.no_refers(INVOICE)
    ddl.refers(INVOICE, {"customer_id": CUSTOMER, "payable_id": PAYABLE})
    op.execute(
        f"""create or replace function invoicing_refuse_wrong_wholes() returns trigger {JUDGE} {BY_KEY} as $$
        declare broken record;
        begin
            select a.id into broken from added a left join lateral (
                select sum(l.net_minor) as net, sum(l.tax_minor) as tax, sum(l.total_minor) as total from invoicing_invoice_line l where l.invoice_id = a.id
            ) s on true where a.number is not null and (s.net, s.tax, s.total) is distinct from (a.net_minor, a.tax_minor, a.total_minor) limit 1;
            if found then
                raise exception 'invoicing_invoice % is not the sum of its lines', broken.id using errcode = 'check_violation';
            end if;
            return null;
        end $$"""
    )
