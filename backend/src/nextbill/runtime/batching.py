"""One statement for many requests: those that ask in the same turn of the event loop, or while it runs, share the next one.

Nothing is stale and nothing waits for a timer: a statement starts when a connection is free, with whatever has been asked by then.
This is the license path's way to the database: no ORM, statements prepared once on connections of its own.
Whoever is not a task hears of an answer in the turn in which it arrives (`Awaited.tell`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar, Final, Generic, TypeAlias, TypeVar

import asyncpg
import structlog
from sqlalchemy import URL

from nextbill.kernel.errors import Problem

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")
Batch: TypeAlias = "dict[Question, list[Awaited[Answer]]]"
"""Questions, and who waits for each one's answer."""

BATCH: Final = 256
PENDING_MAX: Final = 20_000
TIMEOUT_SECONDS: Final = 5
POOLED: Final = 4
SINGLES_MAX: Final = 2_000
"""Single statements that may wait for the pool: more than answers could come in time for."""
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCachedStatementError,
    OSError,
)
_BUSY = (asyncpg.QueryCanceledError, asyncpg.TooManyConnectionsError)
"""Waited too long for a lock or a connection: nothing was stored."""

_OF_A_VALUE = (asyncpg.DataError, ValueError)
"""A value that can't be stored or sent (asyncpg's own refusals are ValueErrors): the fault of one question, not of those beside it."""

# Plans that only ever look up by key: a plan made while a table was small must not stay when it has grown.
_SERVER_SETTINGS = {
    "application_name": "nextbill:license",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "statement_timeout": str(TIMEOUT_SECONDS * 1000),
}
log = structlog.get_logger()


class Unavailable(Problem):
    """Nothing was stored, or what was stored bears the caller's own id: the same request may be sent again."""

    code: ClassVar[str] = "unavailable"
    status: ClassVar[int] = 503
    title: ClassVar[str] = "Not available just now"


class Awaited(asyncio.Future[Answer]):
    """An answer to come. A task awaits it as any future; what runs without one (`web.front`) gives `tell`, which is called as soon as it is there.

    That spares two turns of the event loop for each answer: a future's own callbacks wait for the next one.
    """

    tell: Callable[[], None] | None = None

    def answer(self, found: Answer) -> None:
        if not self.done():
            self.set_result(found)
            self._told()

    def fail(self, error: BaseException) -> None:
        if not self.done():
            self.set_exception(error)
            self._told()

    def _told(self) -> None:
        tell, self.tell = self.tell, None
        if tell is not None:
            try:
                tell()
            except Exception as error:  # of whoever asked: the others of the batch are still to hear of their answers
                self.get_loop().call_exception_handler({"message": "an answer could not be told", "exception": error, "future": self})


class Lines:
    """Connections to the database for one role: `pool` for single statements, `lane()` for a batcher's own."""

    def __init__(self, url: URL) -> None:
        self._arguments: dict[str, Any] = {
            "host": url.host,
            "port": url.port or 5432,
            "user": url.username,
            "password": url.password,
            "database": url.database,
            "server_settings": _SERVER_SETTINGS,
            "timeout": TIMEOUT_SECONDS,
        }
        self._pool: asyncpg.Pool | None = None
        self._waiting = 0
        self._lanes: list[Lane] = []

    def lane(self, statement: str, *, single: str | None = None) -> Lane:
        """`single`: the same question asked once, for which there are cheaper words than for many."""
        made = Lane(self._arguments, statement, single)
        self._lanes.append(made)
        return made

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """One statement on a connection of the pool; Unavailable where there is no database, or too many wait for it."""
        if self._waiting >= SINGLES_MAX:
            raise Unavailable("Too many requests wait for the database. Try again in a moment.", retry_after=1)
        self._waiting += 1
        try:
            if asyncio.current_task() is None:
                await asyncio.sleep(0)  # the pool needs a task, and who runs without one takes this for the word to become one
            if self._pool is None:
                more: dict[str, Any] = {
                    "command_timeout": TIMEOUT_SECONDS,
                    "min_size": 0,
                    "max_size": POOLED,
                    "statement_cache_size": 64,
                    "reset": _as_it_is,
                }
                self._pool = asyncpg.create_pool(**self._arguments, **more)
            await self._pool  # ready at once from the second time on
            found: list[asyncpg.Record] = await self._pool.fetch(statement, *values)
        except _OF_A_VALUE:  # before those that were lost: some of asyncpg's are both
            raise
        except (*_LOST, *_BUSY) as error:
            raise _unavailable(error) from error
        finally:
            self._waiting -= 1
        return found

    async def close(self) -> None:
        for lane in self._lanes:
            lane.stop()
            await lane.close()
        if self._pool is not None:
            await self._pool.close()


class Lane:
    """A connection for one prepared statement, opened when first used and again when it was lost."""

    def __init__(self, arguments: dict[str, Any], statement: str, single: str | None) -> None:
        self._arguments, self._statement, self._single = arguments, statement, single
        self._connection: asyncpg.Connection | None = None
        self._prepared: Any = None
        self._prepared_single: Any = None
        self._watch: asyncio.TimerHandle | None = None
        self._began: float | None = None
        self.runner: asyncio.Task[None] | None = None

    def stop(self) -> None:
        if self.runner is not None:
            self.runner.cancel()

    async def fetch(self, values: Sequence[object], *, single: bool = False) -> list[asyncpg.Record]:
        """A lost connection is tried once more on a new one: whatever is written here bears an id by which it is known again."""
        try:
            return await self._fetch(values, single=single)
        except _OF_A_VALUE:
            raise
        except _BUSY as error:
            raise _unavailable(error) from error
        except _LOST:
            await self.close()
        try:
            return await self._fetch(values, single=single)
        except (*_LOST, *_BUSY) as error:
            await self.close()
            raise _unavailable(error) from error

    async def _fetch(self, values: Sequence[object], *, single: bool) -> list[asyncpg.Record]:
        if self._prepared is None:
            await self._open()
        self._began = asyncio.get_running_loop().time()
        try:
            found: list[asyncpg.Record] = await (self._prepared_single if single else self._prepared).fetch(*values)
        finally:
            self._began = None
        return found

    async def _open(self) -> None:
        self._connection = await asyncpg.connect(**self._arguments)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            if self._single is not None:
                self._prepared_single = await self._connection.prepare(self._single)
            self._prepared = await self._connection.prepare(self._statement)
        self._look()

    def _look(self) -> None:
        """One timer for a connection, not one for each statement: the server's own limit ends what is slow, this ends what hears nothing more."""
        connection, loop = self._connection, asyncio.get_running_loop()
        if connection is None or connection.is_closed():
            return
        if self._began is not None and loop.time() - self._began > TIMEOUT_SECONDS:
            connection.terminate()
        else:
            self._watch = loop.call_later(TIMEOUT_SECONDS / 2, self._look)

    async def close(self) -> None:
        connection, self._connection, self._prepared = self._connection, None, None
        if self._watch is not None:
            self._watch.cancel()
        if connection is not None:
            connection.terminate()


class Batcher(Generic[Question, Answer]):
    """Answers questions by batches over one lane.

    `values` turns a batch into the statement's parameters, `read` its rows into one answer for each question, in order.
    `single`: the parameters of one question alone, where the lane has a statement for that; its rows are as those of a batch of one.
    Equal questions are asked once. A value that can't be stored fails its own question only.
    `apart`: of questions with the same mark, a batch has only one (rows that a batch changes).
    """

    def __init__(
        self,
        lane: Lane,
        *,
        values: Callable[[Sequence[Question]], Sequence[object]],
        read: Callable[[Sequence[Question], list[asyncpg.Record]], Sequence[Answer]],
        single: Callable[[Question], Sequence[object]] | None = None,
        apart: Callable[[Question], Hashable] | None = None,
        size: int = BATCH,
    ) -> None:
        self._lane, self._values, self._read, self._single, self._apart, self._size = lane, values, read, single, apart, size
        self._pending: Batch[Question, Answer] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._idle: asyncio.Future[None] | None = None

    def ask(self, question: Question) -> Awaited[Answer]:
        """Unavailable where too many wait, or the database is away."""
        loop = self._loop
        if loop is None:
            loop = self._start()
        future: Awaited[Answer] = Awaited(loop=loop)
        waiting = self._pending.get(question)
        if waiting is not None:
            waiting.append(future)
            return future
        if len(self._pending) >= PENDING_MAX:
            raise Unavailable("Too many requests wait for the database. Try again in a moment.", retry_after=1)
        self._pending[question] = [future]
        if self._idle is not None:
            # The runner goes on in the next turn of the loop: all that is asked in this one is in its next batch.
            self._idle.set_result(None)
            self._idle = None
        return future

    def _start(self) -> asyncio.AbstractEventLoop:
        """One runner for good: a task for each batch would cost as much as a tenth of a question."""
        loop = self._loop = asyncio.get_running_loop()
        self._lane.runner = loop.create_task(self._run(loop))
        return loop

    async def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while True:
                if not self._pending:
                    self._idle = idle = loop.create_future()
                    await idle
                await self._answer(self._take())
        finally:  # nobody waits for an answer that no one will give
            left, self._pending, self._idle, self._loop = self._pending, {}, None, None
            _fail(left, Unavailable("Try the same request again in a moment.", retry_after=2))

    def _take(self) -> Batch[Question, Answer]:
        if self._apart is None and len(self._pending) <= self._size:
            batch, self._pending = self._pending, {}
            return batch
        chosen: Batch[Question, Answer] = {}
        marks: set[Hashable] = set()
        for question in self._pending:
            mark = question if self._apart is None else self._apart(question)
            if mark not in marks:
                marks.add(mark)
                chosen[question] = self._pending[question]
            if len(chosen) == self._size:
                break
        for question in chosen:
            del self._pending[question]
        return chosen

    async def _answer(self, batch: Batch[Question, Answer]) -> None:
        questions = list(batch)
        try:
            answers = self._read(questions, await self._fetch(questions))
            answered = list(zip(questions, answers, strict=True))
        except _OF_A_VALUE as error:
            await self._split(questions, batch, error)
            return
        except BaseException as error:
            cut_short = not isinstance(error, Exception)  # the process ends
            _fail(batch, Unavailable("Try the same request again in a moment.", retry_after=2) if cut_short else error)
            if cut_short:
                raise
            return
        for question, answer in answered:
            for waiting in batch[question]:
                waiting.answer(answer)

    async def _fetch(self, questions: Sequence[Question]) -> list[asyncpg.Record]:
        if self._single is not None and len(questions) == 1:
            return await self._lane.fetch(self._single(questions[0]), single=True)
        return await self._lane.fetch(self._values(questions))

    async def _split(self, questions: Sequence[Question], batch: Batch[Question, Answer], error: Exception) -> None:
        """Nothing of the batch was stored: its halves are asked, until the one whose value it is stands alone."""
        if len(questions) == 1:
            _fail(batch, error)
            return
        middle = len(questions) // 2
        for half in (questions[:middle], questions[middle:]):
            await self._answer({question: batch[question] for question in half})


def _fail(batch: Batch[Any, Any], error: BaseException) -> None:
    for all_waiting in batch.values():
        for waiting in all_waiting:
            waiting.fail(error)


async def _as_it_is(_connection: object) -> None:
    """Single statements leave nothing behind; the pool's own way to make sure would be a second round trip for each."""


def _unavailable(error: Exception) -> Unavailable:
    log.error("license path: database not available", error=f"{type(error).__name__}: {error}"[:300])
    return Unavailable("Try the same request again in a moment.", retry_after=2)
