"""What a migration says about a table beyond its columns: whose rows they are, who may touch them, how states move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alembic import op

APP, WORK, LICENSE = "nextbill_app", "nextbill_work", "nextbill_license"
CALLER = "nullif(current_setting('app.customer_id', true), '')::uuid"


def customer_owned(table: str, *, app: str | None = "select, insert, update", column: str = "customer_id") -> None:
    """Row-level security: the role APP sees and writes the caller's rows only, WORK all. One policy per role, never OR.

    ENABLE, not FORCE: only `migrate` logs in as the owner, and a dump must hold all rows."""
    op.execute(f"alter table {table} enable row level security")
    if app:
        op.execute(f"grant {app} on {table} to {APP}")
        op.execute(f"create policy {table}_app on {table} for all to {APP} using ({column} = {CALLER}) with check ({column} = {CALLER})")
    op.execute(f"grant select, insert, update, delete on {table} to {WORK}")
    op.execute(f"create policy {table}_work on {table} for all to {WORK} using (true) with check (true)")


def internal(table: str, *, work: str = "select, insert, update, delete", app: str | None = None, licenses: str | None = None) -> None:
    """No customer's own: plain grants by role."""
    op.execute(f"grant {work} on {table} to {WORK}")
    if app:
        op.execute(f"grant {app} on {table} to {APP}")
    if licenses:
        op.execute(f"grant {licenses} on {table} to {LICENSE}")


def license_may(table: str, rights: str) -> None:
    """The license path's role on a customer-owned table: all rows, these rights."""
    op.execute(f"grant {rights} on {table} to {LICENSE}")
    op.execute(f"create policy {table}_license on {table} for all to {LICENSE} using (true) with check (true)")


def append_only(table: str) -> None:
    """UPDATE, DELETE and TRUNCATE are refused for everybody, the owner's sessions included."""
    op.execute(f"create trigger {table}_append_only before update or delete on {table} for each row execute function refuse_change()")
    op.execute(f"create trigger {table}_no_truncate before truncate on {table} for each statement execute function refuse_change()")


def refers(table: str, parents: Mapping[str, str]) -> None:
    """Foreign keys that are judged once a statement: declared ones ask and lock row by row, which is a third of what a thousand invoices cost.

    `parents`: column → the row that it needs, told of `a`, such as `payments_payable p where p.id = a.payable_id and p.customer_id = a.customer_id`.
    Nothing is locked: only for parents that stay (`stays`). May be handed to `no_refers`."""
    tests = "".join(
        f"if exists (select 1 from {{rows}} a where a.{column} is not null and not exists (select 1 from {parent})) then "
        f"raise exception '{table}.{column} refers to what is not there' using errcode = 'foreign_key_violation'; end if; "
        for column, parent in parents.items()
    )
    by_key = "set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off"
    for name, rows in (("added", "added"), ("moved", "(select (new).*)")):
        op.execute(
            f"create function {table}_refers_{name}() returns trigger language plpgsql security definer set search_path = public, pg_temp {by_key} "
            f"as $$ begin {tests.format(rows=rows)} return null; end $$"
        )
    op.execute(
        f"create trigger {table}_refers after insert on {table} referencing new table as added for each statement execute function {table}_refers_added()"
    )
    columns, moved = ", ".join(parents), " or ".join(f"old.{column} is distinct from new.{column}" for column in parents)
    op.execute(
        f"create trigger {table}_moved after update of {columns} on {table} for each row when ({moved}) execute function {table}_refers_moved()"
    )


def no_refers(table: str) -> None:
    """For downgrades."""
    op.execute(f"drop trigger {table}_moved on {table}")
    op.execute(f"drop trigger {table}_refers on {table}")
    for name in ("added", "moved"):
        op.execute(f"drop function {table}_refers_{name}")


def stays(table: str) -> None:
    """A row is never deleted and keeps its id: others refer to it without locking it. Needs `refuse_parting` (migration 0025)."""
    op.execute(f"create trigger {table}_stays before delete or update of id on {table} for each row execute function refuse_parting()")
    op.execute(f"create trigger {table}_no_truncate before truncate on {table} for each statement execute function refuse_parting()")


def no_stays(table: str) -> None:
    """For downgrades."""
    for name in ("stays", "no_truncate"):
        op.execute(f"drop trigger {table}_{name} on {table}")


def state_machine(table: str, moves: Mapping[str, Sequence[str]], *, column: str = "state") -> None:
    """A trigger that lets `column` move only as listed; initial states are the keys and whatever the CHECK allows."""
    pairs = [(from_state, to_state) for from_state, targets in moves.items() for to_state in targets]
    for from_state, to_state in pairs:
        op.execute(f"insert into runtime_transition (machine, from_state, to_state) values ('{table}', '{from_state}', '{to_state}')")
    op.execute(
        f"create trigger {table}_moves before update of {column} on {table} for each row "
        f"when (old.{column} is distinct from new.{column}) execute function refuse_transition('{column}')"
    )


def no_state_machine(table: str) -> None:
    """For downgrades, before the table is dropped."""
    op.execute(f"delete from runtime_transition where machine = '{table}'")
