"""Staff's routes: users, panel keys, audit; who may use them, and what they leave behind."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from nextbill.capabilities import identity
from nextbill.capabilities.identity.invariants import INVARIANTS
from nextbill.runtime.database import Role
from nextbill.runtime.invariants import check
from tests.capabilities.identity_desk import PASSWORD, Desk, code, open_desk

SOMEBODY = "01900000-0000-7000-8000-000000000000"
ROUTES = [
    ("GET", "/admin/users", None, {"support", "billing", "admin"}),
    ("GET", f"/admin/users/{SOMEBODY}", None, {"support", "billing", "admin"}),
    ("POST", "/admin/users", {"email": "x@example.com", "role": "support", "reason": "new colleague"}, {"admin"}),
    ("PUT", f"/admin/users/{SOMEBODY}", {"disabled": True, "reason": "left us"}, {"admin"}),
    ("DELETE", f"/admin/users/{SOMEBODY}?reason=left", None, {"admin"}),
    ("POST", "/admin/panel-keys", {"name": "alpha", "permissions": ["validate"]}, {"admin"}),
    ("GET", "/admin/panel-keys", None, {"admin"}),
    ("DELETE", "/admin/panel-keys/npk_000?reason=leaked", None, {"admin"}),
    ("GET", "/admin/audit", None, {"admin"}),
]


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    async with open_desk(dsn) as opened:
        yield opened


async def test_every_route_asks_for_its_permission(desk: Desk) -> None:
    tokens: dict[str, str | None] = {"nobody": None, "customer": await desk.customer()}
    for role in ("support", "billing", "admin"):
        tokens[role] = await desk.staff(role, f"{role}@example.com")
    for method, path, body, allowed in ROUTES:
        for role, token in tokens.items():
            answer = await desk.send(method, path, body, token=token)
            expected = 401 if role == "nobody" else None if role in allowed else 403
            assert answer.status_code == expected if expected else answer.status_code not in (401, 403), (method, path, role, answer.text)


async def test_users_are_searched_and_paged(desk: Desk) -> None:
    boss = await desk.staff()
    for name in ("ada", "adam", "bob"):
        await desk.register(f"{name}@example.com")
    first = (await desk.send("GET", "/admin/users?search=ADA&limit=1", token=boss)).json()
    assert [user["email"] for user in first["items"]] == ["adam@example.com"]
    second = (await desk.send("GET", f"/admin/users?search=ADA&limit=1&cursor={first['next_cursor']}", token=boss)).json()
    assert ([user["email"] for user in second["items"]], second["next_cursor"]) == (["ada@example.com"], None)
    staff = (await desk.send("GET", "/admin/users?role=admin", token=boss)).json()["items"]
    assert [user["email"] for user in staff] == ["boss@example.com"]
    nobody = (await desk.send("GET", "/admin/users?search=%25", token=boss)).json()["items"]
    assert nobody == []


@pytest.mark.parametrize("query", ["search=%00", "cursor=nonsense", "limit=0", "limit=201", "role=king", "disabled=perhaps"])
async def test_bad_queries_are_refused(desk: Desk, query: str) -> None:
    answer = await desk.send("GET", f"/admin/users?{query}", token=await desk.staff())
    assert (answer.status_code, code(answer)) == (422, "invalid")


async def test_disabling_ends_the_sessions_and_is_audited(desk: Desk) -> None:
    boss, ada = await desk.staff(), await desk.customer()
    user_id = await desk.login_id("ada@example.com")
    answer = await desk.send("DELETE", f"/admin/users/{user_id}?reason=sends%20spam", token=boss)
    assert (answer.status_code, answer.json()["disabled"]) == (200, True)
    assert code(await desk.send("GET", "/auth/me", token=ada)) == "session_ended"
    told = await desk.post("/auth/login", {"email": "ada@example.com", "password": PASSWORD})
    assert (told.status_code, code(told)) == (403, "login_disabled")
    assert code(await desk.post("/auth/login", {"email": "ada@example.com", "password": "wrong horse battery"})) == "bad_credentials"
    (entry,) = (await desk.send("GET", f"/admin/audit?object_id={user_id}", token=boss)).json()["items"]
    boss_id = await desk.login_id("boss@example.com")
    assert (entry["action"], entry["reason"], entry["actor"]) == ("login.disabled", "sends spam", f"staff:{boss_id}")
    enabled = await desk.send("PUT", f"/admin/users/{user_id}", {"disabled": False, "reason": "talked about it"}, token=boss)
    assert enabled.json()["disabled"] is False
    assert await desk.log_in()


async def test_another_role_holds_at_once(desk: Desk) -> None:
    boss, helper = await desk.staff(), await desk.staff("support", "help@example.com")
    user_id = await desk.login_id("help@example.com")
    changed = await desk.send("PUT", f"/admin/users/{user_id}", {"role": "billing", "reason": "new desk"}, token=boss)
    assert (changed.json()["role"], changed.headers["etag"]) == ("billing", '"2"')
    assert code(await desk.send("GET", "/auth/me", token=helper)) == "session_ended"
    me = await desk.send("GET", "/auth/me", token=(await desk.log_in("help@example.com"))["access_token"])
    assert "refunds.create" in me.json()["permissions"]


async def test_what_was_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    boss = await desk.staff()
    await desk.staff("support", "help@example.com")
    path = f"/admin/users/{await desk.login_id('help@example.com')}"
    etag = (await desk.send("GET", path, token=boss)).headers["etag"]
    assert (await desk.send("PUT", path, {"role": "billing", "reason": "new desk"}, token=boss, if_match=etag)).status_code == 200
    stale = await desk.send("PUT", path, {"role": "admin", "reason": "new desk"}, token=boss, if_match=etag)
    assert (stale.status_code, code(stale)) == (412, "version_outdated")
    assert (await desk.send("GET", path, token=boss)).json()["role"] == "billing"


async def test_what_staff_cannot_do(desk: Desk) -> None:
    boss = await desk.staff()
    await desk.register()
    myself, ada = await desk.login_id("boss@example.com"), await desk.login_id("ada@example.com")
    cases: list[tuple[str, str, Any, int, str]] = [
        ("PUT", f"/admin/users/{myself}", {"role": "support", "reason": "tired"}, 409, "not_yourself"),
        ("DELETE", f"/admin/users/{myself}?reason=tired", None, 409, "not_yourself"),
        ("PUT", f"/admin/users/{ada}", {"role": "admin", "reason": "friend"}, 409, "role_not_possible"),
        ("PUT", f"/admin/users/{ada}", {"disabled": True}, 422, "invalid"),
        ("DELETE", f"/admin/users/{ada}", None, 422, "invalid"),
        ("PUT", f"/admin/users/{uuid.UUID(int=7)}", {"disabled": True, "reason": "who"}, 404, "not_found"),
        ("POST", "/admin/users", {"email": "Ada@example.com", "role": "support", "reason": "friend"}, 409, "email_taken"),
        ("POST", "/admin/users", {"email": "new@example.com", "role": "customer", "reason": "friend"}, 409, "role_not_possible"),
    ]
    for method, path, body, status, expected in cases:
        answer = await desk.send(method, path, body, token=boss)
        assert (answer.status_code, code(answer)) == (status, expected), (method, path, answer.text)
    assert (await desk.rows("select count(*) as n from identity_audit where action <> 'login.created'"))[0].n == 0


async def test_an_invited_colleague_chooses_the_password_by_mail(desk: Desk) -> None:
    boss = await desk.staff()
    invited = await desk.send("POST", "/admin/users", {"email": "help@example.com", "role": "support", "reason": "new colleague"}, token=boss)
    assert invited.status_code == 201
    assert (await desk.facts())[-1] == "identity.PasswordResetRequested"
    assert code(await desk.post("/auth/login", {"email": "help@example.com", "password": PASSWORD})) == "bad_credentials"
    link = await desk.token_by_mail("reset_password", "help@example.com")
    await desk.post("/auth/password/reset", {"token": link, "password": PASSWORD})
    assert await desk.log_in("help@example.com")


async def test_a_staff_token_is_no_customers(desk: Desk) -> None:
    answer = await desk.send("GET", "/customers/me", token=await desk.staff())
    assert (answer.status_code, code(answer)) == (403, "not_permitted")


async def test_the_audit_is_append_only_for_everybody(desk: Desk, dsn: str) -> None:
    import psycopg

    await desk.staff()
    for role in (dsn, desk.database.url(Role.WORK).set(drivername="postgresql").render_as_string(hide_password=False)):
        for statement in ("update identity_audit set reason = 'none'", "delete from identity_audit"):
            with psycopg.connect(role) as connection, pytest.raises(psycopg.errors.RestrictViolation):
                connection.execute(statement)
    assert (await desk.rows("select count(*) as n from identity_audit"))[0].n == 1


async def test_invariants_hold_and_tell_when_they_do_not(desk: Desk) -> None:
    await desk.customer()
    await desk.staff()
    assert [finding.violations for finding in await check(desk.database, desk.clock, INVARIANTS)] == [[], []]
    async with desk.database.writing(Role.WORK) as tx:
        from sqlalchemy import text

        await tx.execute(text("update identity_login set disabled_at = created_at"))
    assert all(finding.violations for finding in (await check(desk.database, desk.clock, INVARIANTS))[:1])


async def test_an_admin_made_at_the_machine_can_log_in_once(desk: Desk) -> None:
    await desk.staff()
    password_hash = await identity.hash_password(PASSWORD)
    with pytest.raises(identity.EmailTaken):
        async with desk.database.writing(Role.WORK) as tx:
            await identity.create_admin(tx, email="BOSS@example.com", password_hash=password_hash, now=desk.clock.now())
    with pytest.raises(identity.RoleNotPossible):
        async with desk.database.writing(Role.WORK) as tx:
            await identity.create_admin(tx, email="x@example.com", password_hash=password_hash, role="customer", now=desk.clock.now())
    assert len(await desk.rows("select 1 from identity_login")) == 1
