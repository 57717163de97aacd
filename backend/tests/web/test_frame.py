"""What surrounds every answer, also one that nobody foresaw."""

from __future__ import annotations

import httpx
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from nextbill.runtime.web import problem
from nextbill.runtime.web.frame import Frame
from nextbill_simulators.chassis.serving import serve


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
        except httpx.RemoteProtocolError:
            return
    raise AssertionError("the broken stream looked complete")
