"""Looking after the fleet: is each server up? And whoever waits for room gets it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from nextbill.capabilities.hosting.commands import place_waiting, record_health
from nextbill.capabilities.hosting.models import ServerRow
from nextbill.capabilities.hosting.ports import ControlPanel
from nextbill.capabilities.hosting.queries import server_access
from nextbill.runtime import jobs
from nextbill.runtime.crypto import FieldCipher
from nextbill.runtime.database import Database, Role, Tx
from nextbill.runtime.worker import Tick

CHECK = "hosting.check_server"


class CheckServer:
    """The job that asks one server for its health."""

    def __init__(self, panel: ControlPanel, cipher: FieldCipher, database: Database) -> None:
        self._panel, self._cipher, self._database = panel, cipher, database

    async def __call__(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        server_id = UUID(payload["server_id"])
        async with self._database.reading(Role.WORK) as tx:
            access = await server_access(tx, server_id, cipher=self._cipher)
        up = await self._panel.is_up(access)
        async with self._database.writing(Role.WORK) as tx:
            await record_health(tx, server_id=server_id, up=up, now=context.now)


async def check_servers(tx: Tx, *, now: datetime) -> None:  # every tick is told the time
    servers = (await tx.execute(select(ServerRow.id).where(ServerRow.state != "disabled"))).scalars()
    await jobs.enqueue_many(tx, [(CHECK, {"server_id": str(server_id)}) for server_id in servers])


TICKS = (
    Tick("hosting.check_servers", timedelta(seconds=30), check_servers),
    Tick("hosting.place_waiting", timedelta(seconds=5), place_waiting),
)
