"""Log in, refresh, log out: what holds a session, and what ends it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import jwt
import pytest

from nextbill.capabilities.identity.commands.tokens import SessionKeys
from tests.capabilities.identity_desk import PASSWORD, Desk, code, open_desk


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    async with open_desk(dsn) as opened:
        yield opened


async def _me(desk: Desk, token: str) -> tuple[int, str]:
    answer = await desk.send("GET", "/auth/me", token=token)
    return answer.status_code, code(answer)


async def test_log_in_and_me(desk: Desk) -> None:
    token = await desk.customer()
    answer = await desk.send("GET", "/auth/me", token=token)
    found = answer.json()
    assert (found["email"], found["role"], found["email_verified"], found["permissions"]) == ("ada@example.com", "customer", False, ["orders.place"])
    assert found["customer_id"]


async def test_the_address_is_compared_without_case(desk: Desk) -> None:
    await desk.register("Ada@Example.com")
    assert (await desk.log_in("aDA@exAMPLE.COM"))["expires_in"] == 900


@pytest.mark.parametrize(
    "body",
    [
        {"email": "ada@example.com", "password": "wrong horse battery"},
        {"email": "nobody@example.com", "password": PASSWORD},
        {"email": "\x00", "password": "\x00"},
    ],
)
async def test_unknown_address_and_wrong_password_are_alike(desk: Desk, body: dict[str, str]) -> None:
    await desk.register()
    answer = await desk.post("/auth/login", body)
    shown = {name: value for name, value in answer.json().items() if name != "correlation_id"}
    assert answer.status_code == 401
    assert shown == {
        "type": "about:blank",
        "title": "The e-mail address or the password is not right",
        "status": 401,
        "code": "bad_credentials",
        "detail": "Check both, or ask for a new password.",
    }


async def test_no_token_is_asked_for_one(desk: Desk) -> None:
    answer = await desk.send("GET", "/auth/me")
    assert (answer.status_code, code(answer), answer.headers["www-authenticate"]) == (401, "not_authenticated", "Bearer")


async def test_an_access_token_expires_by_our_clock(desk: Desk) -> None:
    token = await desk.customer()
    desk.clock.advance(minutes=14, seconds=59)
    assert (await _me(desk, token))[0] == 200
    desk.clock.advance(seconds=1)
    assert await _me(desk, token) == (401, "token_expired")


def _forged(desk: Desk, real: str, **changes: Any) -> str:
    keys = SessionKeys.of(desk.settings)
    claims = jwt.decode(real, options={"verify_signature": False})
    options: dict[str, Any] = {"key": changes.pop("key", keys.access_key), "algorithm": changes.pop("algorithm", "HS256")}
    return jwt.encode({name: value for name, value in {**claims, **changes}.items() if value is not None}, **options)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": b"another key of thirty-two bytes!!"},
        {"key": None, "algorithm": "none"},
        {"aud": "nextbill:staff"},
        {"aud": "elsewhere"},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"exp": None},
        {"exp": "never"},
        {"sid": "me"},
        {"sub": None},
    ],
)
async def test_forged_tokens_are_refused(desk: Desk, changes: dict[str, Any]) -> None:
    token = await desk.customer()
    assert (await _me(desk, _forged(desk, token)))[0] == 200
    assert await _me(desk, _forged(desk, token, **dict(changes))) == (401, "bad_token")


async def test_the_algorithm_is_ours_to_choose(desk: Desk) -> None:
    """Rightly signed with our key, but by another algorithm."""
    token = await desk.customer()
    head = base64.urlsafe_b64encode(b'{"alg":"HS512","typ":"JWT"}').rstrip(b"=")
    signed = b".".join((head, token.split(".")[1].encode()))
    mac = hmac.new(SessionKeys.of(desk.settings).access_key, signed, hashlib.sha512).digest()
    forged = b".".join((signed, base64.urlsafe_b64encode(mac).rstrip(b"="))).decode()
    assert await _me(desk, forged) == (401, "bad_token")


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer " + "é" * 10, "x" * 5000])
async def test_nonsense_is_refused(desk: Desk, header: str) -> None:
    answer = await desk.client.get("/api/v1/auth/me", headers={b"authorization": header.encode()})
    assert (answer.status_code, code(answer)) == (401, "bad_token")


async def test_logging_out_refuses_the_access_token_at_once(desk: Desk) -> None:
    token = await desk.customer()
    other = (await desk.log_in())["access_token"]
    assert (await desk.post("/auth/logout", token=token)).status_code == 204
    assert await _me(desk, token) == (401, "session_ended")
    assert (await _me(desk, other))[0] == 200


async def test_logging_out_everywhere_ends_all_sessions_of_this_login_only(desk: Desk) -> None:
    token = await desk.customer()
    other, bob = (await desk.log_in())["access_token"], await desk.customer("bob@example.com")
    assert (await desk.post("/auth/logout-all", token=other)).status_code == 204
    assert await _me(desk, token) == await _me(desk, other) == (401, "session_ended")
    assert (await _me(desk, bob))[0] == 200


async def test_sessions_are_listed_and_ended_one_by_one(desk: Desk) -> None:
    token = await desk.customer()
    other, bob = await desk.log_in(), await desk.customer("bob@example.com")
    listed = (await desk.send("GET", "/auth/sessions", token=token)).json()["items"]
    assert [item["current"] for item in listed] == [False, True]
    assert (await desk.send("DELETE", f"/auth/sessions/{other['session_id']}", token=bob)).status_code == 404
    assert (await _me(desk, other["access_token"]))[0] == 200
    assert (await desk.send("DELETE", f"/auth/sessions/{other['session_id']}", token=token)).status_code == 204
    assert await _me(desk, other["access_token"]) == (401, "session_ended")


async def test_refresh_rotates(desk: Desk) -> None:
    await desk.register()
    first = await desk.log_in()
    desk.clock.advance(minutes=20)
    answer = await desk.post("/auth/refresh", {"refresh_token": first["refresh_token"]})
    second = answer.json()
    assert answer.status_code == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert second["session_id"] == first["session_id"]
    assert (await _me(desk, second["access_token"]))[0] == 200


async def test_a_lost_answer_gets_the_same_successor_within_ten_seconds(desk: Desk) -> None:
    await desk.register()
    first = (await desk.log_in())["refresh_token"]
    second = (await desk.post("/auth/refresh", {"refresh_token": first})).json()["refresh_token"]
    desk.clock.advance(seconds=10)
    assert (await desk.post("/auth/refresh", {"refresh_token": first})).json()["refresh_token"] == second
    assert (await desk.post("/auth/refresh", {"refresh_token": second})).status_code == 200


async def test_a_stolen_refresh_token_ends_the_session_for_both(desk: Desk) -> None:
    await desk.register()
    first = (await desk.log_in())["refresh_token"]
    second = (await desk.post("/auth/refresh", {"refresh_token": first})).json()
    desk.clock.advance(seconds=11)
    replay = await desk.post("/auth/refresh", {"refresh_token": first})
    assert (replay.status_code, code(replay)) == (401, "session_ended")
    assert await _me(desk, second["access_token"]) == (401, "session_ended")
    assert code(await desk.post("/auth/refresh", {"refresh_token": second["refresh_token"]})) == "session_ended"
    assert "identity.SessionReused" in await desk.facts()


async def test_an_older_generation_has_no_grace(desk: Desk) -> None:
    await desk.register()
    first = (await desk.log_in())["refresh_token"]
    second = (await desk.post("/auth/refresh", {"refresh_token": first})).json()["refresh_token"]
    await desk.post("/auth/refresh", {"refresh_token": second})
    assert code(await desk.post("/auth/refresh", {"refresh_token": first})) == "session_ended"


async def test_many_at_once_get_one_successor(desk: Desk) -> None:
    await desk.register()
    first = (await desk.log_in())["refresh_token"]
    answers = await asyncio.gather(*(desk.post("/auth/refresh", {"refresh_token": first}) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_a_forged_refresh_token_does_not_end_the_session(desk: Desk) -> None:
    await desk.register()
    real = (await desk.log_in())["refresh_token"]
    head, _, mac = real.rpartition(".")
    session, _, _generation = head.partition(".")
    for forged in (f"{head}.{'A' * len(mac)}", f"{session}.0.{mac}", f"{session}.2.{mac}", "nrt_", "nrt_x.1.y", "nothing", f"{session}.²."):
        answer = await desk.post("/auth/refresh", {"refresh_token": forged})
        assert (answer.status_code, code(answer)) == (401, "bad_refresh_token")
    assert (await desk.post("/auth/refresh", {"refresh_token": real})).status_code == 200


async def test_a_refresh_token_lives_seven_days_from_its_last_use(desk: Desk) -> None:
    await desk.register()
    token = (await desk.log_in())["refresh_token"]
    for _ in range(3):
        desk.clock.advance(days=6)
        token = (await desk.post("/auth/refresh", {"refresh_token": token})).json()["refresh_token"]
    desk.clock.advance(days=7)
    assert code(await desk.post("/auth/refresh", {"refresh_token": token})) == "session_ended"


async def test_a_session_ends_after_ninety_days_whatever_happens(desk: Desk) -> None:
    await desk.register()
    session = await desk.log_in()
    started = desk.clock.now()
    while True:
        desk.clock.advance(days=5)
        answer = await desk.post("/auth/refresh", {"refresh_token": session["refresh_token"]})
        if answer.status_code != 200:
            break
        session = answer.json()
    assert desk.clock.now() - started == timedelta(days=90)


async def test_guessing_is_throttled_by_account_before_it_is_looked_at(desk: Desk) -> None:
    await desk.register()
    guesses = await asyncio.gather(*(desk.post("/auth/login", {"email": "ada@example.com", "password": f"guess {n} of many"}) for n in range(14)))
    statuses = sorted(answer.status_code for answer in guesses)
    assert statuses == [401] * 10 + [429] * 4
    refused = await desk.post("/auth/login", {"email": "ADA@example.com", "password": PASSWORD})
    assert (refused.status_code, code(refused), refused.headers["retry-after"]) == (429, "too_many_attempts", "61")
    desk.clock.advance(seconds=61)
    assert await desk.log_in()


async def test_unknown_accounts_are_throttled_alike(desk: Desk) -> None:
    answers = [await desk.post("/auth/login", {"email": "nobody@example.com", "password": PASSWORD}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]


async def test_a_success_clears_the_account(desk: Desk) -> None:
    await desk.register()
    for _ in range(3):
        for _ in range(9):
            await desk.post("/auth/login", {"email": "ada@example.com", "password": "wrong horse battery"})
        await desk.log_in()
    assert await desk.rows("select 1 from identity_throttle where subject like 'login.account:%'") == []


async def test_throttle_rows_hold_no_address_in_clear(desk: Desk) -> None:
    await desk.post("/auth/login", {"email": "ada@example.com", "password": PASSWORD})
    subjects = [row.subject for row in await desk.rows("select subject from identity_throttle")]
    assert len(subjects) == 2
    assert not any("ada" in subject.split(":", 1)[1] or "127" == subject.split(":", 1)[1][:3] for subject in subjects)


async def test_a_password_that_changed_while_it_was_verified_opens_nothing(desk: Desk) -> None:
    """A log-in that was looked at before a reset must not outlive it."""
    from nextbill.capabilities import identity
    from nextbill.runtime.database import Role

    await desk.register()
    async with desk.database.reading(Role.WORK) as tx:
        verified = await identity.find_credentials(tx, "ada@example.com")
    assert verified is not None
    token = await desk.token_by_mail("reset_password")
    assert (await desk.post("/auth/password/reset", {"token": token, "password": "another horse battery"})).status_code == 200
    with pytest.raises(identity.BadCredentials):
        async with desk.database.writing(Role.WORK) as tx:
            await identity.issue_session(tx, verified=verified, keys=SessionKeys.of(desk.settings), now=desk.clock.now())
    assert await desk.rows("select 1 from identity_session") == []


async def test_an_idempotency_key_is_its_callers_own(desk: Desk) -> None:
    ada, bob = await desk.customer(), await desk.customer("bob@example.com")
    first = await desk.post("/till/count", {}, token=ada, idempotency_key="k1")
    assert (await desk.post("/till/count", {}, token=ada, idempotency_key="k1")).headers["idempotent-replayed"] == "true"
    other = await desk.post("/till/count", {}, token=bob, idempotency_key="k1")
    assert (other.status_code, "idempotent-replayed" in other.headers) == (200, False)
    assert other.json() != first.json()


async def test_a_replay_needs_a_live_session(desk: Desk) -> None:
    token = await desk.customer()
    assert (await desk.post("/till/count", {}, token=token, idempotency_key="k1")).status_code == 200
    await desk.post("/auth/logout", token=token)
    assert code(await desk.post("/till/count", {}, token=token, idempotency_key="k1")) == "session_ended"
