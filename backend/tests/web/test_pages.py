"""The pages that people reach from mails and from the payment page: what they show, what their buttons do, what they keep to themselves."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from nextbill.capabilities import orders
from nextbill.runtime.database import Role
from nextbill.runtime.web.start import start_page
from tests.capabilities import till
from tests.support.buyer import PASSWORD, Buyer, register

NEW_PASSWORD = "three calm green otters"
DECLINED_CARD, POOR_CARD = "4000000000000002", "4000000000009995"


async def _mailed(shop: Any, email: str, *, page: str) -> str:
    """The path with the token of the newest mail that links to the page."""
    await shop.drain()
    links = [link for mail in await shop.mails(email) for link in mail["links"] if f"/{page}?token=" in link]
    found = urlsplit(links[-1])
    return f"{found.path}?{found.query}"


async def _reset_link(shop: Any, email: str) -> str:
    answer = await shop.client.post("/api/v1/auth/password/forgot", json={"email": email})
    assert answer.status_code == 202, answer.text
    return await _mailed(shop, email, page="reset-password")


async def _can_log_in(shop: Any, email: str, password: str) -> bool:
    return (await shop.client.post("/api/v1/auth/login", json={"email": email, "password": password})).status_code == 200


async def _verified(buyer: Buyer) -> bool:
    return (await buyer.get("/api/v1/auth/me")).json()["email_verified"]


def _forms(page: httpx.Response) -> list[str]:
    return re.findall(r"<form[^>]*>", page.text)


def _again(page: httpx.Response) -> str:
    found = re.search(r'action="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def _refreshes(page: httpx.Response) -> int | None:
    found = re.search(r'http-equiv="refresh" content="(\d+)"', page.text)
    return int(found[1]) if found else None


def _assert_calm(page: httpx.Response, status: int = 200) -> None:
    """What holds for every page: HTML without script, its one style allowed by its hash, its address told to nobody."""
    assert page.status_code == status, page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" == policy
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex"
    assert "prefers-color-scheme: dark" in style[1]


async def test_opening_the_link_confirms_nothing_the_button_does(shop) -> None:
    buyer = await register(shop, verified=False)
    link = await _mailed(shop, buyer.email, page="verify-email")
    for _ in range(2):
        page = await shop.client.get(link)
        _assert_calm(page)
        assert f"Confirm {buyer.email}</button>" in page.text
        assert _forms(page) == ['<form method="post">']
    assert not await _verified(buyer)
    done = await shop.client.post(link)
    _assert_calm(done)
    assert buyer.email in done.text
    assert await _verified(buyer)


async def test_a_used_link_says_that_the_address_is_confirmed_and_names_nobody(shop) -> None:
    buyer = await register(shop, verified=False)
    link = await _mailed(shop, buyer.email, page="verify-email")
    await shop.client.post(link)
    for page in (await shop.client.get(link), await shop.client.post(link), await shop.client.post(link.replace("?", "/again?"))):
        _assert_calm(page)
        assert "It was confirmed earlier" in page.text
        assert buyer.email not in page.text
    before = len(await shop.mails(buyer.email))
    await shop.drain()
    assert len(await shop.mails(buyer.email)) == before


async def test_an_expired_link_sends_a_new_one_that_works(shop) -> None:
    buyer = await register(shop, verified=False)
    link = await _mailed(shop, buyer.email, page="verify-email")
    shop.advance(timedelta(days=3, minutes=1))
    for page in (await shop.client.get(link), await shop.client.post(link)):
        _assert_calm(page, 410)
        assert "This link has expired" in page.text
        assert buyer.email not in page.text
    sent = await shop.client.post(_again(page))
    _assert_calm(sent)
    assert "on its way" in sent.text
    fresh = await _mailed(shop, buyer.email, page="verify-email")
    assert fresh != link
    assert "is being delivered" in (await shop.client.post(fresh)).text


async def test_new_links_are_sent_only_so_often(shop) -> None:
    buyer = await register(shop, verified=False)
    link = await _mailed(shop, buyer.email, page="verify-email")
    answers = [await shop.client.post(link.replace("?", "/again?")) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]  # the first of five went out with the registration
    _assert_calm(answers[-1], 429)
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Too many attempts" in answers[-1].text


@pytest.mark.parametrize("query", ["", "?token=", "?token=not-a-token", "?token=%00%ff", f"?token={'x' * 5000}"])
@pytest.mark.parametrize("path", ["/verify-email", "/reset-password"])
async def test_links_that_were_never_sent_say_so(shop, path: str, query: str) -> None:
    answers = [await shop.client.get(f"{path}{query}"), await shop.client.post(f"{path}{query}"), await shop.client.post(f"{path}/again{query}")]
    for page in answers:
        _assert_calm(page, 404)
        assert "This link is not complete" in page.text
        assert _forms(page) == []


async def test_a_link_of_one_purpose_does_not_open_the_other(shop) -> None:
    buyer = await register(shop, verified=False)
    link = await _mailed(shop, buyer.email, page="verify-email")
    other = link.replace("verify-email", "reset-password")
    assert (await shop.client.get(other)).status_code == 404
    assert (await shop.client.post(other, data={"password": NEW_PASSWORD, "repeated": NEW_PASSWORD})).status_code == 404
    assert await _can_log_in(shop, buyer.email, PASSWORD)


async def test_a_new_password_by_the_form(shop) -> None:
    buyer = await register(shop)
    link = await _reset_link(shop, buyer.email)
    form = await shop.client.get(link)
    _assert_calm(form)
    assert f'value="{buyer.email}" readonly' in form.text
    assert form.text.count('autocomplete="new-password"') == 2
    done = await shop.client.post(link, data={"username": buyer.email, "password": NEW_PASSWORD, "repeated": NEW_PASSWORD})
    _assert_calm(done)
    assert "Your password is changed" in done.text
    assert not await _can_log_in(shop, buyer.email, PASSWORD)
    assert await _can_log_in(shop, buyer.email, NEW_PASSWORD)
    assert (await buyer.get("/api/v1/auth/me")).status_code == 401


@pytest.mark.parametrize(
    ("password", "repeated", "field", "words"),
    [
        ("short", "short", "password", "Use at least 10 characters; a few words are easiest to remember."),
        ("", "", "password", "Use at least 10 characters"),
        ("password123", "password123", "password", "This is one of the first passwords that are tried: choose another."),
        ("x" * 300, "x" * 300, "password", "Use at most 256 characters."),
        (NEW_PASSWORD, "three calm green other", "repeated", "The two are not the same: type both again."),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_and_the_link_stays_good(shop, password: str, repeated: str, field: str, words: str) -> None:
    buyer = await register(shop)
    link = await _reset_link(shop, buyer.email)
    page = await shop.client.post(link, data={"password": password, "repeated": repeated})
    _assert_calm(page, 422)
    assert re.search(rf'<p class="error" id="{field}-error">{re.escape(words)}', page.text)
    assert page.text.count('aria-invalid="true"') == 1
    wrong = re.search(rf'<input id="{field}"[^>]*>', page.text)
    assert wrong is not None
    assert "autofocus" in wrong[0]
    assert f'aria-describedby="{field}-error"' in wrong[0]
    assert f'value="{buyer.email}" readonly' in page.text
    assert not password or password not in page.text
    assert await _can_log_in(shop, buyer.email, PASSWORD)
    assert (await shop.client.post(link, data={"password": NEW_PASSWORD, "repeated": NEW_PASSWORD})).status_code == 200


async def test_the_address_is_no_password(shop) -> None:
    buyer = await register(shop)
    page = await shop.client.post(await _reset_link(shop, buyer.email), data={"password": buyer.email, "repeated": buyer.email})
    _assert_calm(page, 422)
    assert "A password that is the e-mail address" in page.text


async def test_a_dead_reset_link_changes_nothing_and_sends_another(shop) -> None:
    buyer = await register(shop)
    link = await _reset_link(shop, buyer.email)
    fields = {"password": NEW_PASSWORD, "repeated": NEW_PASSWORD}
    assert (await shop.client.post(link, data=fields)).status_code == 200
    used = await shop.client.post(link, data={"password": "another long password", "repeated": "another long password"})
    _assert_calm(used, 410)
    assert "This link was used already" in used.text
    assert await _can_log_in(shop, buyer.email, NEW_PASSWORD)
    assert (await shop.client.post(_again(used))).status_code == 200
    fresh = await _mailed(shop, buyer.email, page="reset-password")
    assert fresh != link
    shop.advance(timedelta(minutes=31))
    late = await shop.client.get(fresh)
    _assert_calm(late, 410)
    assert "This link has expired" in late.text
    assert (await shop.client.post(fresh, data=fields)).status_code == 410


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "{own}"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "{own}"}, False),
        ({"Origin": "https://evil.example"}, False),
    ],
)
async def test_forms_are_taken_from_our_own_pages_only(shop, headers: dict[str, str], taken: bool) -> None:
    buyer = await register(shop, verified=False)
    link = await _mailed(shop, buyer.email, page="verify-email")
    own = str(shop.client.base_url).rstrip("/")
    page = await shop.client.post(link, headers={name: value.format(own=own) for name, value in headers.items()})
    _assert_calm(page, 200 if taken else 403)
    assert await _verified(buyer) is taken


async def test_a_form_that_cannot_be_read_is_told_as_a_page(shop) -> None:
    buyer = await register(shop)
    link = await _reset_link(shop, buyer.email)
    page = await shop.client.post(link, content=b"nonsense", headers={"Content-Type": "multipart/form-data; boundary=x"})
    _assert_calm(page, 422)
    assert "The form could not be read" in page.text
    assert (await shop.client.get(link)).status_code == 200


async def _come_back(shop: Any, payment_id: str) -> httpx.Response:
    page = await shop.client.get("/api/v1/payments/return", params={"attempt": payment_id}, follow_redirects=True)
    assert page.history[0].status_code == 303
    return page


def _assert_nothing_personal(page: httpx.Response, buyer: Buyer, order: dict[str, Any]) -> None:
    for private in (buyer.email, "Test Buyer", "Main Street", "otters.com", order["id"]):
        assert private not in page.text


async def test_from_paying_to_delivered(shop) -> None:
    buyer = await register(shop)
    order = await buyer.order("otters.com")
    opened = await buyer.checkout(order["id"])
    waiting = await _come_back(shop, opened["payment_id"])
    _assert_calm(waiting)
    assert "We have not received a payment yet" in waiting.text
    assert f'href="{opened["checkout_url"]}"' in waiting.text.replace("&amp;", "&")
    assert _refreshes(waiting)
    await buyer.pay(order["id"])
    paid = await _come_back(shop, opened["payment_id"])
    _assert_calm(paid)
    assert "Your payment has arrived" in paid.text
    assert "is being delivered" in paid.text
    assert f"<dd>{order['number']}</dd>" in paid.text
    assert "<dd>$" in paid.text
    assert 'class="button"' not in paid.text
    assert _refreshes(paid)
    await shop.drain()
    there = await shop.client.get("/payments", params={"payment": opened["payment_id"]})
    assert "Your order is delivered" in there.text
    assert _refreshes(there) is None
    for page in (waiting, paid, there):
        _assert_nothing_personal(page, buyer, order)


@pytest.mark.parametrize(
    ("card", "words"), [(DECLINED_CARD, "Your card was declined by your bank."), (POOR_CARD, "Your card has not enough funds for this payment.")]
)
async def test_a_declined_card_may_pay_again(shop, card: str, words: str) -> None:
    buyer = await register(shop)
    order = await buyer.order("otters.com")
    opened = await buyer.checkout(order["id"])
    await buyer.pay(order["id"], card=card)
    page = await _come_back(shop, opened["payment_id"])
    _assert_calm(page)
    assert f"{words} Nothing was charged." in page.text
    assert re.search(r'<a class="button" href="[^"]+" rel="noreferrer">Pay \$\d', page.text)
    _assert_nothing_personal(page, buyer, order)
    await buyer.pay(order["id"])
    assert "Your payment has arrived" in (await _come_back(shop, opened["payment_id"])).text


async def test_paid_but_unconfirmed_says_which_click_is_missing(shop) -> None:
    buyer = await register(shop, verified=False)
    order = await buyer.order("otters.com")
    opened = await buyer.checkout(order["id"])
    await buyer.pay(order["id"])
    page = await _come_back(shop, opened["payment_id"])
    assert "One click is missing" in page.text
    await shop.drain()
    await shop.client.post(await _mailed(shop, buyer.email, page="verify-email"))
    await shop.drain()
    assert "Your order is delivered" in (await _come_back(shop, opened["payment_id"])).text


async def test_a_page_that_was_never_used_closes(shop) -> None:
    buyer = await register(shop)
    order = await buyer.order("otters.com")
    opened = await buyer.checkout(order["id"])
    shop.advance(timedelta(hours=1))
    assert _refreshes(await _come_back(shop, opened["payment_id"])) == 60
    shop.advance(timedelta(hours=12))
    page = await _come_back(shop, opened["payment_id"])
    _assert_calm(page)
    assert "The payment page is closed" in page.text
    assert "Nothing was charged" in page.text
    assert 'class="button"' not in page.text
    assert _refreshes(page) is None


async def test_cancelled_then_paid_all_the_same_goes_back(shop) -> None:
    buyer = await register(shop)
    order = await buyer.order("otters.com")
    opened = await buyer.checkout(order["id"])
    async with shop.database.writing(Role.WORK) as tx:
        assert await orders.cancel_order(tx, UUID(order["id"]), reason="changed my mind", now=shop.clock.now())
    page = await _come_back(shop, opened["payment_id"])
    assert "There is nothing left to pay" in page.text
    assert 'class="button"' not in page.text
    await shop.outside.post(opened["checkout_url"], data={"card_number": "4242424242424242", "exp": "12/34", "cvc": "123", "name": "Test Buyer"})
    page = await _come_back(shop, opened["payment_id"])
    assert "the money goes back" in page.text
    await shop.drain()
    page = await _come_back(shop, opened["payment_id"])
    _assert_calm(page)
    assert "Your payment was refunded" in page.text
    assert "<dt>Refunded</dt><dd>$" in page.text
    assert _refreshes(page) is None


async def test_money_that_does_not_agree_is_not_asked_for_again(shop) -> None:
    buyer = await register(shop)
    order = await buyer.order("otters.com")
    await till.webhooks(shop, drop=-1)
    opened = await buyer.checkout(order["id"])
    await till.submit(shop, opened["checkout_url"])
    (intent,) = till.kept(shop, "payment_intent")
    till.tamper(shop, "payment_intent", intent["id"], amount_received=100)
    page = await _come_back(shop, opened["payment_id"])
    _assert_calm(page)
    assert "Don't pay again" in page.text
    assert 'class="button"' not in page.text


@pytest.mark.parametrize(
    "query", ["", "?payment=", "?payment=nonsense", "?payment=0199d3a0-7a50-7c44-9d52-1f2f6a3c9b10", "?payment=%3Cimg%20src=x%3E"]
)
async def test_a_payment_that_is_not_ours_is_unknown(shop, query: str) -> None:
    page = await shop.client.get(f"/payments{query}")
    _assert_calm(page, 404)
    assert "We don't know this payment" in page.text
    assert "<img" not in page.text


async def test_the_start_page_leads_somewhere(shop) -> None:
    page = await shop.client.get("/")
    _assert_calm(page)
    places = re.findall(r'<li><a href="([^"]+)">', page.text)
    assert places
    for place in places:
        assert (await shop.client.get(place)).status_code == 200, place


async def test_live_the_start_page_names_the_company_and_nothing_else(shop) -> None:
    changes = {"nextbill_mode": "live", "company_name": "Otter <Hosting>", "portal_url": "https://my.otter.example"}
    text = bytes(start_page(shop.settings.model_copy(update=changes)).body).decode()
    assert "<h1>Otter &lt;Hosting&gt;</h1>" in text
    assert shop.settings.company_address in text
    assert 'href="https://my.otter.example"' in text
    assert "Sandbox" not in text
    assert "/docs" not in text
