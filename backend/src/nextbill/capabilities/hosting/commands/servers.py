"""The fleet: adding servers, what tests and checks found, places on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities import identity
from nextbill.capabilities.hosting.errors import NoRoom, ServerKnown, ServerNotFound
from nextbill.capabilities.hosting.events import ServerCameUp, ServerWentDown
from nextbill.capabilities.hosting.models import ServerRow
from nextbill.capabilities.hosting.ports import PanelCapabilities
from nextbill.capabilities.hosting.queries import SERVER_TABLE, Server, server_shown
from nextbill.capabilities.hosting.rules import Health, health_after
from nextbill.kernel.ids import new_id
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

_HEALTH: dict[str, Health] = {"unknown": "unknown", "up": "up", "down": "down"}


async def add_server(
    tx: Tx,
    *,
    name: str,
    base_url: str,
    api_key: str,
    api_secret: str,
    nameservers: Sequence[str],
    capacity: int,
    cipher: FieldCipher,
    actor: str,
    now: datetime,
) -> UUID:
    """A server that takes accounts at once. The secrets are stored encrypted. Raises ServerKnown for a name or address that exists."""
    server_id = new_id()
    values = {
        "id": server_id,
        "name": name,
        "base_url": base_url.rstrip("/"),
        "api_key_sealed": cipher.encrypt(api_key, table=SERVER_TABLE, row=server_id, column="api_key_sealed"),
        "api_secret_sealed": cipher.encrypt(api_secret, table=SERVER_TABLE, row=server_id, column="api_secret_sealed"),
        "nameservers": [host.lower().rstrip(".") for host in nameservers],
        "capacity": capacity,
        "state": "active",
        "added_at": now,
    }
    if (await tx.execute(upsert(ServerRow).values(**values).on_conflict_do_nothing().returning(ServerRow.id))).first() is None:
        raise ServerKnown
    await identity.audit(tx, actor=actor, action="server.added", object_type="server", object_id=server_id, detail={"name": name}, now=now)
    return server_id


async def move_server(tx: Tx, *, server_id: UUID, base_url: str, actor: str, now: datetime) -> None:
    """It answers at another address from now on; what is on it stays. The address is the caller's to have tested."""
    row = await _locked(tx, server_id)
    before, row.base_url, row.version = row.base_url, base_url.rstrip("/"), row.version + 1
    detail = {"from": before, "to": row.base_url}
    await identity.audit(tx, actor=actor, action="server.moved", object_type="server", object_id=server_id, detail=detail, now=now)


async def set_server_state(tx: Tx, *, server_id: UUID, state: Literal["active", "draining", "disabled"], actor: str, now: datetime) -> None:
    """Draining and disabled servers take no new accounts; what is on them stays."""
    row = await _locked(tx, server_id)
    row.state, row.version = state, row.version + 1
    await identity.audit(tx, actor=actor, action=f"server.{state}", object_type="server", object_id=server_id, now=now)


async def record_probe(tx: Tx, *, server_id: UUID, found: PanelCapabilities, now: datetime) -> Server:
    """What a connection test found decides which call makes accounts there; a server that was not reached keeps what is known of it."""
    row = await _locked(tx, server_id)
    row.problem, row.tested_at = found.problem, now
    if found.reachable:
        row.abilities = {name: value for name, value in asdict(found).items() if name not in ("reachable", "problem")}
        row.provisioning = found.provisioning or row.provisioning
    await tx.flush()
    return server_shown(row)


async def record_health(tx: Tx, *, server_id: UUID, up: bool, now: datetime) -> None:
    """With hysteresis: see `rules.health_after`."""
    row = await _locked(tx, server_id)
    before = row.health
    row.health, row.streak = health_after(_HEALTH[before], streak=row.streak, up=up)
    row.checked_at = now
    if (before, row.health) in (("up", "down"), ("unknown", "down")):
        await publish(tx, ServerWentDown(server_id=server_id), now=now)
    elif (before, row.health) == ("down", "up"):
        await publish(tx, ServerCameUp(server_id=server_id), now=now)


async def place(tx: Tx, *, but_not: UUID | None = None) -> Server:
    """Takes a place on the least filled server that is active and not down, by one conditional UPDATE. Raises NoRoom.

    The inner lock makes a racer who waited look again, and pass on to the next server if the last place is gone.
    """
    room = ServerRow.used < ServerRow.capacity
    fit = [ServerRow.state == "active", ServerRow.health != "down", room]
    if but_not is not None:
        fit.append(ServerRow.id != but_not)
    choice = (
        select(ServerRow.id)
        .where(*fit)
        .order_by(ServerRow.used * 1000 / ServerRow.capacity, ServerRow.id)
        .limit(1)
        .with_for_update(key_share=True)  # as strong as the UPDATE itself: an account that is being added refers to the row, and must not wait
        .scalar_subquery()
    )
    taken = update(ServerRow).where(ServerRow.id == choice, room).values(used=ServerRow.used + 1).returning(ServerRow)
    row = (await tx.execute(taken.execution_options(populate_existing=True, synchronize_session=False))).scalar_one_or_none()
    if row is None:
        raise NoRoom
    return server_shown(row)


async def place_on(tx: Tx, server_id: UUID) -> Server:
    """A place on a server that staff names, draining or not. Raises NoRoom."""
    taken = (
        update(ServerRow).where(ServerRow.id == server_id, ServerRow.used < ServerRow.capacity).values(used=ServerRow.used + 1).returning(ServerRow)
    )
    row = (await tx.execute(taken.execution_options(populate_existing=True, synchronize_session=False))).scalar_one_or_none()
    if row is None:
        raise NoRoom
    return server_shown(row)


async def release_place(tx: Tx, server_id: UUID) -> None:
    """For an account that has just left the states that hold one."""
    freed = update(ServerRow).where(ServerRow.id == server_id).values(used=ServerRow.used - 1)
    await tx.execute(freed.execution_options(synchronize_session=False))


async def _locked(tx: Tx, server_id: UUID) -> ServerRow:
    row = (await tx.execute(select(ServerRow).where(ServerRow.id == server_id).with_for_update())).scalar_one_or_none()
    if row is None:
        raise ServerNotFound
    return row
