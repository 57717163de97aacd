"""What surrounds every answer, also one that nobody foresaw."""

from __future__ import annotations

import httpx
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from starlette.responses import StreamingResponse

from nextbill.runtime.web import cookies, problem
from nextbill.runtime.web.frame import Frame
from nextbill_simulators.chassis.serving import serve


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def broken() -> FastAPI:
    app = FastAPI()
    problem.install(app)

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError("a secret word")

    @app.get("/half")
    async def half() -> StreamingResponse:
        async def parts():
            yield b"the first half"
            raise RuntimeError("a secret word")

        return StreamingResponse(parts())

    app.add_middleware(Frame)
    return app


async def test_an_unforeseen_error_is_answered_within_the_frame() -> None:
    async with serve(broken()) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/fails", headers={"x-correlation-id": "from-the-caller"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert (answer.headers["x-correlation-id"], answer.json()["correlation_id"]) == ("from-the-caller", "from-the-caller")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


async def test_half_an_answer_is_not_passed_off_as_a_whole_one() -> None:
    async with serve(broken()) as url, httpx.AsyncClient(base_url=url) as client:
        try:
            await client.get("/half")
        except httpx.TransportError:
            return
    raise AssertionError("the broken stream looked complete")


async def test_headers_beyond_the_limit_are_refused_before_anything_reads_them() -> None:
    async with serve(broken()) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/fails", headers={"Cookie": "x" * 33_000})
    assert (answer.status_code, answer.json()["code"]) == (431, "headers_too_large")


def test_a_cookie_is_found_as_it_was_sent_without_undoing_quotes() -> None:
    headers = [(b"cookie", b'a="\\"\\""; np_rt=first; np_rt=second'), (b"cookie", b"np_at=token.with=signs")]
    assert [cookies.find(headers, name) for name in ("np_rt", "np_at", "a", "missing", "np_")] == [
        "first",
        "token.with=signs",
        '"\\"\\""',
        None,
        None,
    ]


async def test_no_more_faults_are_told_than_somebody_reads() -> None:
    app = broken()

    @app.post("/strict")
    async def strict(body: Strict) -> None:
        """Takes nothing."""

    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        answer = await client.post("/strict", json={f"unknown_{number}": 1 for number in range(500)})
    assert (answer.status_code, len(answer.json()["fields"])) == (422, problem.FIELDS_MAX)
