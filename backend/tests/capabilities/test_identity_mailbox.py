"""What needs proof by mail, and changing passwords."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.capabilities.identity_desk import PASSWORD, Desk, code, open_desk

NEW = "another horse battery"


@pytest.fixture
async def desk(dsn: str) -> AsyncIterator[Desk]:
    async with open_desk(dsn) as opened:
        yield opened


async def test_registering_asks_for_the_mail_and_the_link_verifies_once(desk: Desk) -> None:
    token = await desk.customer()
    assert await desk.facts() == ["identity.LoginCreated", "identity.EmailVerificationRequested", "customers.CustomerRegistered"]
    link = await desk.token_by_mail("verify_email")
    assert (await desk.post("/auth/verify-email", {"token": link})).json() == {"status": "verified"}
    assert (await desk.send("GET", "/auth/me", token=token)).json()["email_verified"] is True
    again = await desk.post("/auth/verify-email", {"token": link})
    assert (again.status_code, code(again)) == (422, "bad_one_time_token")
    assert (await desk.facts()).count("identity.EmailVerified") == 1


async def test_a_second_link_verifies_nothing_new(desk: Desk) -> None:
    await desk.register()
    links = [await desk.token_by_mail("verify_email") for _ in range(2)]
    for link in links:
        assert (await desk.post("/auth/verify-email", {"token": link})).status_code == 200
    assert (await desk.facts()).count("identity.EmailVerified") == 1


async def test_a_link_is_good_for_its_purpose_only(desk: Desk) -> None:
    await desk.register()
    verify, reset = await desk.token_by_mail("verify_email"), await desk.token_by_mail("reset_password")
    assert code(await desk.post("/auth/verify-email", {"token": reset})) == "bad_one_time_token"
    assert code(await desk.post("/auth/password/reset", {"token": verify, "password": NEW})) == "bad_one_time_token"
    assert (await desk.post("/auth/verify-email", {"token": verify})).status_code == 200
    assert (await desk.post("/auth/password/reset", {"token": reset, "password": NEW})).status_code == 200


async def test_links_expire_by_our_clock(desk: Desk) -> None:
    await desk.register()
    verify, reset = await desk.token_by_mail("verify_email"), await desk.token_by_mail("reset_password")
    desk.clock.advance(minutes=30)
    assert code(await desk.post("/auth/password/reset", {"token": reset, "password": NEW})) == "bad_one_time_token"
    desk.clock.advance(days=3)
    assert code(await desk.post("/auth/verify-email", {"token": verify})) == "bad_one_time_token"


async def test_tokens_are_stored_hashed(desk: Desk) -> None:
    await desk.register()
    link = await desk.token_by_mail("verify_email")
    (row,) = await desk.rows("select token_hash from identity_token")
    assert len(link) >= 43
    assert link.encode() not in bytes(row.token_hash)


async def test_asking_for_verification_again(desk: Desk) -> None:
    token = await desk.customer()
    assert (await desk.post("/auth/verify-email/resend", token=token)).status_code == 202
    assert (await desk.facts()).count("identity.EmailVerificationRequested") == 2
    await desk.post("/auth/verify-email", {"token": await desk.token_by_mail("verify_email")})
    assert (await desk.post("/auth/verify-email/resend", token=token)).status_code == 202
    assert (await desk.facts()).count("identity.EmailVerificationRequested") == 2


async def test_a_forgotten_password(desk: Desk) -> None:
    old = await desk.customer()
    answer = await desk.post("/auth/password/forgot", {"email": "ADA@example.com"})
    assert (answer.status_code, answer.json()) == (202, {"status": "check_your_mail"})
    assert await desk.run_jobs() == 1
    assert (await desk.facts())[-1] == "identity.PasswordResetRequested"
    links = [await desk.token_by_mail("reset_password") for _ in range(2)]
    assert (await desk.post("/auth/password/reset", {"token": links[0], "password": NEW})).status_code == 200
    assert code(await desk.send("GET", "/auth/me", token=old)) == "session_ended"
    assert code(await desk.post("/auth/login", {"email": "ada@example.com", "password": PASSWORD})) == "bad_credentials"
    me = await desk.send("GET", "/auth/me", token=(await desk.log_in(password=NEW))["access_token"])
    assert me.json()["email_verified"] is True
    assert code(await desk.post("/auth/password/reset", {"token": links[1], "password": PASSWORD})) == "bad_one_time_token"


async def test_an_unknown_address_gets_the_same_answer_and_the_same_work(desk: Desk) -> None:
    await desk.register()
    before = await desk.facts()
    answers = [await desk.post("/auth/password/forgot", {"email": email}) for email in ("nobody@example.com", "ada@example.com")]
    assert answers[0].json() == answers[1].json()
    assert answers[0].status_code == answers[1].status_code == 202
    assert await desk.facts() == before
    assert await desk.run_jobs() == 2
    assert [fact for fact in await desk.facts() if fact not in before] == ["identity.PasswordResetRequested"]


async def test_mails_to_one_address_are_throttled_known_or_not(desk: Desk) -> None:
    for email in ("ada@example.com", "nobody@example.com"):
        answers = [await desk.post("/auth/password/forgot", {"email": email}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [202] * 5 + [429]


async def test_two_holders_of_one_link_race(desk: Desk) -> None:
    await desk.register()
    link = await desk.token_by_mail("reset_password")
    answers = await asyncio.gather(*(desk.post("/auth/password/reset", {"token": link, "password": f"another horse battery {n}"}) for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]


async def test_a_weak_new_password_does_not_use_up_the_link(desk: Desk) -> None:
    await desk.register()
    link = await desk.token_by_mail("reset_password")
    weak = await desk.post("/auth/password/reset", {"token": link, "password": "password123"})
    assert (weak.status_code, code(weak), weak.json()["fields"][0]["field"]) == (422, "weak_password", "password")
    assert (await desk.post("/auth/password/reset", {"token": link, "password": NEW})).status_code == 200


async def test_changing_the_password_ends_the_other_sessions(desk: Desk) -> None:
    token = await desk.customer()
    other = (await desk.log_in())["access_token"]
    wrong = await desk.post("/auth/password/change", {"old_password": "wrong horse battery", "new_password": NEW}, token=token)
    assert [field["field"] for field in wrong.json()["fields"]] == ["old_password"]
    weak = await desk.post("/auth/password/change", {"old_password": PASSWORD, "new_password": "short"}, token=token)
    assert (weak.status_code, [field["field"] for field in weak.json()["fields"]]) == (422, ["new_password"])
    assert (wrong.status_code, code(wrong)) == (401, "bad_credentials")
    assert (await desk.post("/auth/password/change", {"old_password": PASSWORD, "new_password": NEW}, token=token)).status_code == 200
    assert (await desk.send("GET", "/auth/me", token=token)).status_code == 200
    assert code(await desk.send("GET", "/auth/me", token=other)) == "session_ended"
    assert (await desk.facts())[-1] == "identity.PasswordChanged"
    assert await desk.log_in(password=NEW)


async def test_blanks_belong_to_a_password(desk: Desk) -> None:
    await desk.post("/auth/register", {"email": "ada@example.com", "password": f"  {PASSWORD}  ", "name": "Ada"})
    assert code(await desk.post("/auth/login", {"email": "ada@example.com", "password": PASSWORD})) == "bad_credentials"
    assert await desk.log_in(password=f"  {PASSWORD}  ")


async def test_one_password_has_one_form_whatever_keyboard_typed_it(desk: Desk) -> None:
    await desk.post("/auth/register", {"email": "ada@example.com", "password": "cafe\u0301 au lait", "name": "Ada"})
    assert await desk.log_in(password="café au lait")
