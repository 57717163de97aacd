"""The simulated VIES behaves like the real one: answers, errors with status 200, states of members."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from nextbill_simulators.chassis import Faults, SharedClock, Store, World
from nextbill_simulators.chassis.serving import listening_socket, serve
from nextbill_simulators.vies.app import BASE, create_app


async def test_answers_and_errors(tmp_path: Path) -> None:
    bound = listening_socket()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    store = Store(tmp_path / "vies.sqlite")
    world = World("vies", url, store, SharedClock(tmp_path / "clock.json"), Faults(1), {})
    async with serve(create_app(world), listener=bound, leaving=asyncio.Event()), httpx.AsyncClient(base_url=url, verify=False) as http:

        async def ask(**question: Any) -> dict[str, Any]:
            answer = await http.post(f"{BASE}/check-vat-number", json=question)
            assert answer.status_code == 200
            return answer.json()

        known = await ask(countryCode="FR", vatNumber="40303265045", requesterMemberStateCode="DE", requesterNumber="136695976")
        assert (known["valid"], known["countryCode"], known["vatNumber"]) == (True, "FR", "40303265045")
        assert known["requestIdentifier"].startswith("WAPI")
        assert known["name"].startswith("SIMULATED")
        silent = await ask(countryCode="DE", vatNumber="136695976")
        assert (silent["name"], silent["requestIdentifier"]) == ("---", "")
        assert await ask(countryCode="GB", vatNumber="1") == {"actionSucceed": False, "errorWrappers": [{"error": "INVALID_INPUT"}]}
        assert (await ask(countryCode="FR", vatNumber="40303265045", requesterMemberStateCode="US"))["errorWrappers"][0][
            "error"
        ] == "INVALID_REQUESTER_INFO"
        await http.post("/_sim/vies/numbers", json={"countryCode": "FR", "vatNumber": "40303265045", "valid": False})
        refuted = await ask(countryCode="FR", vatNumber="40303265045")
        assert (refuted["valid"], refuted["name"]) == (False, "---")
        await http.post("/_sim/vies/down", json={"member": "FR", "down": True})
        assert (await ask(countryCode="FR", vatNumber="40303265045"))["errorWrappers"][0]["error"] == "MS_UNAVAILABLE"
        assert (await ask(countryCode="IT", vatNumber="00743110157"))["valid"] is True
        await http.post("/_sim/vies/down", json={"down": True, "error": "GLOBAL_MAX_CONCURRENT_REQ"})
        assert (await ask(countryCode="IT", vatNumber="00743110157"))["errorWrappers"][0]["error"] == "GLOBAL_MAX_CONCURRENT_REQ"
        status = (await http.get(f"{BASE}/check-status")).json()
        assert status["vow"] == {"available": False}
        assert next(state for state in status["countries"] if state["countryCode"] == "FR")["availability"] == "Unavailable"
        assert (await http.post("/_sim/vies/down", json={"member": "US", "down": True})).status_code == 422
    store.close()
