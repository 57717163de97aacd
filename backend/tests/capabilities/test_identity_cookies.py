"""Browsers' sessions: cookies that no script reads, sent by our own pages only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.capabilities.identity_desk import PASSWORD, Desk, code, open_desk

PORTAL = "http://localhost:3001"
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    async with open_desk(dsn, portal_url=PORTAL, api_url="http://localhost:8001") as opened:
        yield opened


@dataclass
class Browser:
    """Keeps cookies as a browser does, and says where its requests come from."""

    client: httpx.AsyncClient

    async def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.client.request(method, f"/api/v1{path}", json=body, headers=OURS if headers is None else headers)

    async def log_in(self, email: str = "ada@example.com", password: str = PASSWORD) -> httpx.Response:
        return await self.send("POST", "/auth/session", {"email": email, "password": password})

    async def me(self) -> tuple[int, str]:
        answer = await self.send("GET", "/auth/me")
        return answer.status_code, code(answer)

    def held(self) -> set[str]:
        return {cookie.name for cookie in self.client.cookies.jar}


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[Browser]:
    async with httpx.AsyncClient(base_url=desk.client.base_url, timeout=30) as client:
        yield Browser(client)


def _attributes(answer: httpx.Response) -> dict[str, set[str]]:
    """Each cookie's attributes, by name."""
    found = {}
    for line in answer.headers.get_list("set-cookie"):
        head, *rest = [part.strip() for part in line.split(";")]
        found[head.partition("=")[0]] = set(rest)
    return found


async def _inside(desk: Desk, browser: Browser) -> None:
    await desk.register()
    assert (await browser.log_in()).status_code == 200


async def test_a_browser_logs_in_and_no_script_sees_a_token(desk: Desk, browser: Browser) -> None:
    await desk.register()
    answer = await browser.log_in()
    assert (answer.status_code, answer.json()["email"], answer.json()["role"]) == (200, "ada@example.com", "customer")
    assert _attributes(answer) == {
        "np_at": {"HttpOnly", "Max-Age=900", "Path=/", "SameSite=lax"},
        "np_rt": {"HttpOnly", "Max-Age=604800", "Path=/api/v1/auth", "SameSite=strict"},
        "np_session": {"Max-Age=604800", "Path=/", "SameSite=lax"},
    }
    for cookie in ("np_at", "np_rt"):
        assert browser.client.cookies.get(cookie) not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    me = (await browser.send("GET", "/auth/me")).json()
    assert (me["email"], me["session_id"]) == ("ada@example.com", answer.json()["session_id"])


async def test_over_https_cookies_have_the_prefixes_that_browsers_enforce(dsn: str) -> None:
    async with open_desk(dsn, portal_url="https://portal.example.com") as desk:
        await desk.register()
        origin = {"Origin": "https://portal.example.com"}
        answer = await desk.client.post("/api/v1/auth/session", json={"email": "ada@example.com", "password": PASSWORD}, headers=origin)
        found = _attributes(answer)
        assert set(found) == {"__Host-np_at", "__Host-np_rt", "np_session"}
        assert all("Secure" in attributes for attributes in found.values())
        assert all({"HttpOnly", "Path=/"} <= found[name] for name in ("__Host-np_at", "__Host-np_rt"))
        assert not any(part.startswith("Domain") for attributes in found.values() for part in attributes)
        token = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("__Host-np_at=")).partition("=")[2].partition(";")[0]
        desk.client.cookies.clear()
        right = await desk.client.get("/api/v1/auth/me", headers={"Cookie": f"__Host-np_at={token}"})
        plain = await desk.client.get("/api/v1/auth/me", headers={"Cookie": f"np_at={token}"})
        assert (right.status_code, plain.status_code) == (200, 401)


async def test_what_a_browser_loses_does_not_live_on(desk: Desk, browser: Browser) -> None:
    """Neither the session that a new one replaces nor, where the two cookies are of two sessions, either of them."""
    await _inside(desk, browser)
    first = browser.client.cookies.get("np_at")
    await browser.log_in()
    second = browser.client.cookies.get("np_at")
    answers = [await desk.client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"}) for token in (first, second)]
    assert [answer.status_code for answer in answers] == [401, 200]
    browser.client.cookies.set("np_at", "", path="/")
    third = (await desk.post("/auth/login", {"email": "ada@example.com", "password": PASSWORD})).json()["access_token"]
    refresh = browser.client.cookies.get("np_rt")
    browser.client.cookies.clear()
    await browser.send("DELETE", "/auth/session", headers={"Origin": PORTAL, "Cookie": f"np_at={third}; np_rt={refresh}"})
    answers = [await desk.client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"}) for token in (second, third)]
    assert [answer.status_code for answer in answers] == [401, 401]


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
async def test_a_wrong_password_sets_no_cookie_and_counts(desk: Desk, browser: Browser, email: str) -> None:
    await desk.register()
    answers = [await browser.log_in(email, "wrong horse battery") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert not any(answer.headers.get_list("set-cookie") for answer in answers)
    assert code(answers[0]) == "bad_credentials"
    refused = await desk.post("/auth/login", {"email": email, "password": PASSWORD})
    assert (refused.status_code, code(refused)) == (429, "too_many_attempts")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Sec-Fetch-Site": "none"}, 204),
        ({"Origin": PORTAL}, 204),
        ({"Origin": "http://localhost:8001"}, 204),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"}, 204),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": PORTAL}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "http://localhost:3002"}, 403),
        ({"Origin": "https://localhost:3001"}, 403),
        ({"Origin": "http://localhost:3001.elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_a_cookie_acts_from_our_own_pages_only(desk: Desk, browser: Browser, headers: dict[str, str], status: int) -> None:
    await _inside(desk, browser)
    answer = await browser.send("POST", "/auth/logout-all", headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert code(answer) == "cross_site_request"
        assert await browser.me() == (200, "None")


@pytest.mark.parametrize(("method", "path"), [("POST", "/auth/session"), ("POST", "/auth/session/refresh"), ("DELETE", "/auth/session")])
async def test_no_other_site_logs_a_visitor_in_or_out(desk: Desk, browser: Browser, method: str, path: str) -> None:
    await _inside(desk, browser)
    body = {"email": "ada@example.com", "password": PASSWORD} if path == "/auth/session" and method == "POST" else None
    before = {cookie.name: cookie.value for cookie in browser.client.cookies.jar}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {}):
        answer = await browser.send(method, path, body, headers=headers)
        assert (answer.status_code, code(answer)) == (403, "cross_site_request")
        assert answer.headers.get_list("set-cookie") == []
    assert {cookie.name: cookie.value for cookie in browser.client.cookies.jar} == before
    assert await browser.me() == (200, "None")


async def test_reading_by_cookie_asks_for_no_origin(desk: Desk, browser: Browser) -> None:
    """The portal's server reads with the visitor's cookie; an answer is shown to no other site."""
    await _inside(desk, browser)
    assert (await browser.send("GET", "/auth/me", headers={})).status_code == 200


async def test_a_token_in_the_header_is_asked_for_no_origin_and_goes_before_the_cookie(desk: Desk, browser: Browser) -> None:
    await _inside(desk, browser)
    bob = await desk.customer("bob@example.com")
    cross = {"Authorization": f"Bearer {bob}", "Sec-Fetch-Site": "cross-site"}
    assert (await browser.send("GET", "/auth/me", headers=cross)).json()["email"] == "bob@example.com"
    assert (await browser.send("POST", "/auth/logout", headers=cross)).status_code == 204
    bad = await browser.send("GET", "/auth/me", headers={"Authorization": "Bearer nonsense"})
    assert (bad.status_code, code(bad)) == (401, "bad_token")


async def test_an_access_cookie_is_no_better_than_its_token(desk: Desk, browser: Browser) -> None:
    await _inside(desk, browser)
    desk.clock.advance(minutes=15)
    assert await browser.me() == (401, "token_expired")
    for value in ("nonsense", "a.b.c", "x" * 3000):
        answer = await desk.client.get("/api/v1/auth/me", headers={"Cookie": f"np_at={value}"})
        assert (answer.status_code, code(answer)) == (401, "bad_token")
    empty = await desk.client.get("/api/v1/auth/me", headers={"Cookie": "np_at="})
    assert (empty.status_code, code(empty)) == (401, "not_authenticated")


async def test_refreshing_gives_new_cookies(desk: Desk, browser: Browser) -> None:
    await _inside(desk, browser)
    first = dict(browser.client.cookies)
    desk.clock.advance(minutes=20)
    answer = await browser.send("POST", "/auth/session/refresh")
    assert (answer.status_code, answer.json()["email"]) == (200, "ada@example.com")
    assert set(_attributes(answer)) == {"np_at", "np_rt", "np_session"}
    assert browser.client.cookies["np_rt"] != first["np_rt"]
    assert browser.client.cookies["np_session"] != first["np_session"], "the word by which other tabs learn of it"
    assert await browser.me() == (200, "None")


async def test_tabs_that_refresh_at_once_stay_logged_in(desk: Desk, browser: Browser) -> None:
    await _inside(desk, browser)
    cookie = {**OURS, "Cookie": f"np_rt={browser.client.cookies['np_rt']}"}
    answers = await asyncio.gather(*(desk.client.post("/api/v1/auth/session/refresh", headers=cookie) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    desk.client.cookies.clear()
    desk.clock.advance(seconds=10)
    assert (await desk.client.post("/api/v1/auth/session/refresh", headers=cookie)).status_code == 200


async def test_a_stolen_refresh_cookie_ends_the_session_and_clears(desk: Desk, browser: Browser) -> None:
    await _inside(desk, browser)
    stolen = {**OURS, "Cookie": f"np_rt={browser.client.cookies['np_rt']}"}
    await browser.send("POST", "/auth/session/refresh")
    desk.clock.advance(seconds=11)
    replay = await desk.client.post("/api/v1/auth/session/refresh", headers=stolen)
    assert (replay.status_code, code(replay), replay.headers["www-authenticate"]) == (401, "session_ended", "Bearer")
    assert all("Max-Age=0" in attributes for attributes in _attributes(replay).values())
    assert await browser.me() == (401, "session_ended")
    own = await browser.send("POST", "/auth/session/refresh")
    assert (own.status_code, code(own), browser.held()) == (401, "session_ended", set())
    assert "identity.SessionReused" in await desk.facts()


@pytest.mark.parametrize("value", [None, "", "nonsense", "nrt_x.1.y"])
async def test_refreshing_with_nothing_good_clears_the_cookies(desk: Desk, value: str | None) -> None:
    cookie = {} if value is None else {"Cookie": f"np_rt={value}"}
    answer = await desk.client.post("/api/v1/auth/session/refresh", headers={**OURS, **cookie})
    assert (answer.status_code, code(answer)) == (401, "bad_refresh_token")
    assert {name: "Max-Age=0" in attributes for name, attributes in _attributes(answer).items()} == {"np_at": True, "np_rt": True, "np_session": True}


async def test_logging_out_ends_the_session_and_clears(desk: Desk, browser: Browser) -> None:
    await _inside(desk, browser)
    kept = {"Cookie": f"np_at={browser.client.cookies['np_at']}"}
    assert (await browser.send("DELETE", "/auth/session")).status_code == 204
    assert browser.held() == set()
    assert code(await desk.client.get("/api/v1/auth/me", headers=kept)) == "session_ended"
    assert (await browser.send("DELETE", "/auth/session")).status_code == 204


@pytest.mark.parametrize("cookie", ["np_rt", "np_at"])
async def test_either_cookie_alone_is_enough_to_log_out(desk: Desk, browser: Browser, cookie: str) -> None:
    """The access cookie runs out after a quarter of an hour, and the refresh cookie may be gone."""
    await _inside(desk, browser)
    only = {**OURS, "Cookie": f"{cookie}={browser.client.cookies[cookie]}"}
    if cookie == "np_rt":
        desk.clock.advance(minutes=16)
    assert (await desk.client.request("DELETE", "/api/v1/auth/session", headers=only)).status_code == 204
    assert await desk.rows("select end_reason from identity_session") == [("logout",)]


async def test_logging_out_everywhere_clears_too(desk: Desk, browser: Browser) -> None:
    await _inside(desk, browser)
    elsewhere = (await desk.log_in())["access_token"]
    assert (await browser.send("POST", "/auth/logout-all")).status_code == 204
    assert browser.held() == set()
    assert code(await desk.send("GET", "/auth/me", token=elsewhere)) == "session_ended"


async def test_an_idempotency_key_by_cookie_is_its_callers_own_and_held_to_the_rule(desk: Desk, browser: Browser) -> None:
    await _inside(desk, browser)
    first = await browser.send("POST", "/till/count", {}, headers={**OURS, "Idempotency-Key": "k1"})
    again = await browser.send("POST", "/till/count", {}, headers={**OURS, "Idempotency-Key": "k1"})
    assert (first.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    foreign = await browser.send("POST", "/till/count", {}, headers={"Sec-Fetch-Site": "cross-site", "Idempotency-Key": "k1"})
    assert (foreign.status_code, code(foreign)) == (403, "cross_site_request")
