"""Sandbox or live, never a mixture: what does not fit together is refused at start, by name."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from nextbill.runtime.settings import REPOSITORY, Settings

LIVE: dict[str, Any] = {
    "nextbill_mode": "live", "database_url": "postgresql://owner:x@db.internal/nextbill", "secret_key": "k9" * 20, "field_keys": "k1:" + "A" * 43 + "=",
    "stripe_secret_key": "sk_live_abc", "stripe_webhook_secret": "whsec_abc", "resellerclub_user_id": "1", "resellerclub_api_key": "abc", "smtp_host": "mail.shop.example",
    "api_url": "https://api.shop.example", "portal_url": "https://shop.example", "resellerclub_api_url": "https://httpapi.com",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def _refusal(**values: Any) -> str:
    with pytest.raises(ValidationError) as found:
        Settings(**values, _env_file=None)
    return str(found.value)


def test_a_coherent_live_setting_is_taken() -> None:
    assert Settings(**LIVE, _env_file=None).live


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"stripe_secret_key": "sk_test_abc"}, "STRIPE_SECRET_KEY"),
        ({"stripe_webhook_secret": ""}, "STRIPE_WEBHOOK_SECRET"),
        ({"stripe_api_base": "http://127.0.0.1:8111"}, "STRIPE_API_BASE"),
        ({"resellerclub_api_url": "http://127.0.0.1:8112"}, "RESELLERCLUB_API_URL"),
        ({"nextpanel_api_url": "http://10.0.0.5:9000"}, "NEXTPANEL_API_URL"),
        ({"api_url": "http://shop.example"}, "API_URL"),
        ({"secret_key": "change-me"}, "SECRET_KEY"),
        ({"field_keys": None}, "FIELD_KEYS"),
        ({"smtp_host": None}, "SMTP_HOST"),
        ({"nextbill_clock_file": "/tmp/clock.json"}, "NEXTBILL_CLOCK_FILE"),
        ({"nextbill_crash_at": "domains.register:called"}, "NEXTBILL_CRASH_AT"),
    ],
)
def test_live_refuses_what_belongs_to_a_sandbox(change: dict[str, Any], named: str) -> None:
    assert named in _refusal(**(LIVE | change))


def test_sandbox_refuses_live_credentials() -> None:
    sandbox = {"database_url": "postgresql://x/y", "secret_key": "s" * 32}
    assert "STRIPE_SECRET_KEY" in _refusal(**sandbox, stripe_secret_key="sk_live_abc")
    assert "RESELLERCLUB_API_URL" in _refusal(**sandbox, resellerclub_api_key="abc", resellerclub_api_url="https://httpapi.com")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
def test_every_spelling_of_the_database_means_one_driver(scheme: str) -> None:
    settings = Settings(database_url=f"{scheme}://u:p@h:5432/d", secret_key="s" * 32, _env_file=None)
    assert settings.owner_url.drivername == "postgresql+psycopg"
    assert "p" not in repr(settings.secret_key)


def test_another_database_is_refused_with_the_form_expected() -> None:
    assert "postgresql://" in _refusal(database_url="mysql://x/y", secret_key="s" * 32)


def test_every_setting_is_explained_in_the_example() -> None:
    """And the example names nothing that does not exist (ports of `up` and keys of later vendors apart)."""
    named = set(re.findall(r"^#?\s*([A-Z][A-Z0-9_]+)=", (REPOSITORY / ".env.example").read_text(encoding="utf-8"), re.M))
    internal = {"NEXTBILL_SANDBOX_PANELS", "NEXTBILL_CLOCK_FILE", "NEXTBILL_CRASH_AT"}
    assert {name.upper() for name in Settings.model_fields} - named - internal == set()
