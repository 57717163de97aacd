"""The shop's name and looks, which anybody may read and keep."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from nextbill.runtime.settings import Settings
from tests.support.databases import SECRET_KEY
from tests.support.shop import open_shop


async def test_the_portal_learns_whose_shop_it_is(shop) -> None:
    before = shop.clock.now()
    answer = await shop.client.get("/api/v1/company")
    told = answer.json()
    assert before <= datetime.fromisoformat(told.pop("now")) <= shop.clock.now()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=300")
    assert told == {
        "name": "Example Hosting",
        "address": "1 Example Street, 10115 Berlin, DE",
        "country": "DE",
        "email": "billing@example.com",
        "currency": "USD",
        "time_zone": "UTC",
        "accent_color": "#2f5fd0",
        "logo_url": None,
        "terms_version": "2026-11",
        "prices_include_tax": False,
        "sandbox": True,
    }


async def test_looks_come_from_the_settings(dsn: str, tmp_path: Path) -> None:
    chosen = {"company_name": "Ada's Hosting", "company_accent_color": "#AA0011", "company_logo_url": "/logo.svg", "terms_version": "7"}
    async with open_shop(dsn, tmp_path, seeded=False, **chosen) as shop:
        told = (await shop.client.get("/api/v1/company")).json()
    assert (told["name"], told["accent_color"], told["logo_url"], told["terms_version"]) == ("Ada's Hosting", "#AA0011", "/logo.svg", "7")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("company_accent_color", value) for value in ("blue", "#fff", "#2f5fd0;}", "2f5fd0", "#2f5fdg", "#2f5fd0\n")),
        *(
            ("company_logo_url", value)
            for value in ("javascript:alert(1)", "data:image/svg+xml,x", "//elsewhere.example/x", "/\\elsewhere.example", "logo.svg")
        ),
        ("terms_version", "x" * 65),
    ],
)
def test_looks_that_are_none_are_refused_at_start(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(database_url="postgresql://nobody@localhost/nothing", secret_key=SECRET_KEY, _env_file=None, **{name: value})
