"""Equal questions share an answer that was begun after each of them."""

from __future__ import annotations

import asyncio

import pytest

from nextbill.runtime.sharing import Sharing


class Source:
    """What is read: says which reading it was, when it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.go_on = asyncio.Event()

    async def read(self) -> int:
        self.begun += 1
        mine = self.begun
        await self.go_on.wait()
        return mine


async def _turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_who_asks_at_once_shares_one_reading() -> None:
    sharing, source = Sharing(), Source()
    source.go_on.set()
    assert await asyncio.gather(*(sharing.ask("plans", source.read) for _ in range(50))) == [1] * 50


async def test_who_comes_while_it_is_read_gets_the_next_and_shares_that() -> None:
    sharing, source = Sharing(), Source()
    early = asyncio.create_task(sharing.ask("plans", source.read))
    await _turns()
    late = [asyncio.create_task(sharing.ask("plans", source.read)) for _ in range(10)]
    await _turns()
    assert source.begun == 1
    source.go_on.set()
    assert await early == 1
    assert await asyncio.gather(*late) == [2] * 10


async def test_other_questions_wait_for_nobody() -> None:
    sharing, slow, quick = Sharing(), Source(), Source()
    quick.go_on.set()
    waiting = asyncio.create_task(sharing.ask("plans", slow.read))
    await _turns()
    assert await sharing.ask("tlds", quick.read) == 1
    slow.go_on.set()
    assert await waiting == 1


async def test_an_error_is_told_to_all_and_the_next_reads_again() -> None:
    sharing, source = Sharing(), Source()

    async def broken() -> int:
        raise LookupError("gone")

    told = await asyncio.gather(*(sharing.ask("plans", broken) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in told] == [LookupError] * 3
    source.go_on.set()
    assert await sharing.ask("plans", source.read) == 1


async def test_one_that_goes_away_ends_nothing_for_the_others() -> None:
    sharing, source = Sharing(), Source()
    first, second = (asyncio.create_task(sharing.ask("plans", source.read)) for _ in range(2))
    await _turns()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    source.go_on.set()
    assert await second == 1


async def test_when_all_went_away_a_new_question_is_read_anew() -> None:
    sharing, source = Sharing(), Source()
    gone = asyncio.create_task(sharing.ask("plans", source.read))
    await _turns()
    gone.cancel()
    await _turns()
    source.go_on.set()
    assert await sharing.ask("plans", source.read) == 2
