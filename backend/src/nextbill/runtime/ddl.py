"""What a migration says about a table beyond its columns: whose rows they are, who may touch them, how states move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alembic import op

APP, WORK, LICENSE = "nextbill_app", "nextbill_work", "nextbill_license"
_CALLER = "nullif(current_setting('app.customer_id', true), '')::uuid"


def customer_owned(table: str, *, app: str | None = "select, insert, update", column: str = "customer_id") -> None:
    """Row-level security: the role APP sees and writes the caller's rows only, WORK all. One policy per role, never OR.

    ENABLE, not FORCE: only `migrate` logs in as the owner, and a dump must hold all rows."""
    op.execute(f"alter table {table} enable row level security")
    if app:
        op.execute(f"grant {app} on {table} to {APP}")
        op.execute(f"create policy {table}_app on {table} for all to {APP} using ({column} = {_CALLER}) with check ({column} = {_CALLER})")
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
