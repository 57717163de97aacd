"""What a billing run has invoiced goes into the VAT book, some at a time."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from nextbill.processes.taxation import commands
from nextbill.runtime import jobs
from nextbill.runtime.database import Database, Role


class TaxationJobs:
    def __init__(self, database: Database) -> None:
        self._database = database

    def handlers(self) -> Mapping[str, jobs.Handler]:
        return {commands.BOOK_BILLED: self.book_more}

    async def book_more(self, payload: jobs.Payload, context: jobs.JobContext) -> None:
        async with self._database.writing(Role.WORK) as tx:
            await commands.book_billed(tx, UUID(payload["chunk_id"]), after=UUID(payload["after"]), now=context.now)
