"""Settings from the environment and .env, refused at start when they do not fit together."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from stdnum import iban

REPOSITORY = Path(__file__).resolve().parents[4]
LOGO_MAX_BYTES = 512 * 1024
VIES = "https://ec.europa.eu/taxation_customs/vies/rest-api"
_LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


class MissingSetting(Exception):
    """A credential that this process cannot do without."""


class Settings(BaseSettings):
    """One instance a process. Names are those of `.env.example`, which explains each."""

    model_config = SettingsConfigDict(env_file=REPOSITORY / ".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True)

    nextbill_mode: Literal["sandbox", "live"] = "sandbox"
    nextbill_data: Path = REPOSITORY / ".nextbill"
    nextbill_clock_file: Path | None = None
    nextbill_crash_at: str | None = None
    nextbill_sandbox_panels: str = "[]"

    database_url: str
    database_app_url: str | None = None
    database_work_url: str | None = None
    database_license_url: str | None = None
    database_pool_size: int = 10
    redis_url: str | None = None

    secret_key: SecretStr
    algorithm: Literal["HS256"] = "HS256"
    access_token_expire_minutes: int = 15
    refresh_token_expire_days: int = 7
    field_keys: SecretStr | None = None

    stripe_secret_key: SecretStr | None = None
    stripe_publishable_key: str | None = None
    stripe_webhook_secret: SecretStr | None = None
    stripe_api_base: str = "https://api.stripe.com"

    vies_api_url: str | None = None
    taxjar_api_key: SecretStr | None = None
    taxjar_api_url: str = "https://api.taxjar.com"
    country_header: str | None = Field(None, pattern=r"^[A-Za-z0-9-]{1,64}$")

    resellerclub_user_id: str | None = None
    resellerclub_api_key: SecretStr | None = None
    resellerclub_api_url: str = "https://httpapi.com"
    resellerclub_currency: str = "USD"

    nextpanel_api_url: str | None = None
    nextpanel_api_key: SecretStr | None = None
    nextpanel_api_secret: SecretStr | None = None
    outbound_allow: str = ""

    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = True
    mail_from: str = "billing@example.com"

    api_host: str = "127.0.0.1"
    api_port: int = 8001
    api_url: str = "http://localhost:8001"
    portal_url: str = "http://localhost:3001"
    metrics_port: int = 8002
    cors_origins: str = ""
    trusted_proxies: str = "127.0.0.1"

    company_name: str = "Example Hosting"
    company_address: str = "1 Example Street, 10115 Berlin, DE"
    company_country: str = "DE"
    company_email: str = "billing@example.com"
    company_tax_id: str | None = None
    company_registration: str | None = Field(None, max_length=200)
    company_iban: str | None = None
    company_bic: str | None = Field(None, pattern=r"^[A-Z0-9]{8}([A-Z0-9]{3})?$")
    company_time_zone: str = "UTC"
    company_language: Literal["en", "de"] = "en"
    company_accent_color: str = Field("#2f5fd0", pattern=r"^#[0-9a-fA-F]{6}$")
    company_logo_url: str | None = None
    document_paper: Literal["A4", "Letter"] = "A4"
    document_logo: Path | None = None
    document_footer: str = Field("", max_length=500)
    document_fonts: Path | None = None
    terms_version: str = Field("2026-11", min_length=1, max_length=64)
    currency: str = "USD"
    charge_retry_days: str = Field("1,3,5,7", pattern=r"^\d{1,2}(,\d{1,2}){0,9}$")
    gateway_writes_per_second: float = Field(80.0, gt=0, le=1000)
    charge_notice_days: int = Field(7, ge=1, le=60)
    trial_notice_days: int = Field(7, ge=1, le=60)
    reminder_days: str = Field("30,14,7,1", pattern=r"^\d{1,3}(,\d{1,3}){0,9}$")
    billing_run_max_lines: int | None = Field(None, ge=1, le=10_000_000)
    domain_renewal_days: int = Field(30, ge=14, le=90)
    domain_renewal_together_days: int = Field(60, ge=14, le=180)
    domain_renewal_grace_days: int = Field(30, ge=0, le=45)
    apply_credit_automatically: bool = True
    cancel_returns_unused: bool = True
    customer_pause_days_max: int = Field(0, ge=0, le=366)

    vendor_timeout_seconds: float = Field(20.0, gt=0, le=60)
    registrar_resend_after_seconds: int = Field(600, ge=0)
    rate_limit_per_minute: int = Field(1200, ge=1)
    log_format: Literal["json", "text"] = "json"

    @field_validator("database_url", "database_app_url", "database_work_url", "database_license_url")
    @classmethod
    def _one_driver(cls, value: str | None) -> str | None:
        """postgres://, postgresql:// and postgresql+asyncpg:// all mean: PostgreSQL, through psycopg."""
        if value is None:
            return None
        scheme, separator, rest = value.partition("://")
        if not separator or scheme.partition("+")[0] not in ("postgres", "postgresql"):
            raise ValueError("expected postgresql://user:password@host:port/database")
        return f"postgresql+psycopg://{rest}"

    @field_validator("company_logo_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        """It becomes the source of an image: nothing but http, https, or a path of the portal's own host."""
        path = value is not None and value.startswith("/") and not value.startswith(("//", "/\\"))
        if value is None or path or (urlsplit(value).scheme in ("http", "https") and _host(value)):
            return value
        raise ValueError("expected https://… or a path of the portal such as /logo.svg")

    @field_validator("charge_retry_days")
    @classmethod
    def _rising(cls, value: str) -> str:
        """Days after the first decline, each later than the one before."""
        days = [int(day) for day in value.split(",")]
        if days != sorted(set(days)) or not days[0] or days[-1] > 30:
            raise ValueError("expected rising days after the first decline, 1 to 30, such as 1,3,5,7")
        return value

    @field_validator("reminder_days")
    @classmethod
    def _falling(cls, value: str) -> str:
        """Days before, each later than the one before."""
        days = [int(day) for day in value.split(",")]
        if days != sorted(set(days), reverse=True) or not days[-1] or days[0] > 120:
            raise ValueError("expected falling days ahead, 120 to 1, such as 30,14,7,1")
        return value

    @field_validator("company_iban")
    @classmethod
    def _payable(cls, value: str | None) -> str | None:
        """Money sent to a mistyped account is gone: its check digits must be right."""
        if value is not None and not iban.is_valid(value):
            raise ValueError("expected an IBAN; its check digits are wrong")
        return None if value is None else iban.compact(value)

    @field_validator("document_logo")
    @classmethod
    def _picture(cls, value: Path | None) -> Path | None:
        """Read at start, so that a missing logo is told then and not on the first invoice."""
        if value is None:
            return None
        if not value.is_file() or value.stat().st_size > LOGO_MAX_BYTES:
            raise ValueError(f"expected a file of at most {LOGO_MAX_BYTES // 1024} KB")
        if not is_picture(value.read_bytes()):
            raise ValueError("expected an SVG, PNG or JPEG picture")
        return value

    @field_validator("document_fonts")
    @classmethod
    def _folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("expected a folder with .ttf, .otf or .ttc files")
        return value

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        problems = self._live_problems() if self.nextbill_mode == "live" else self._sandbox_problems()
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _sandbox_problems(self) -> list[str]:
        found = []
        if self.stripe_secret_key and not self.stripe_secret_key.get_secret_value().startswith("sk_test_"):
            found.append("STRIPE_SECRET_KEY is not a test key (sk_test_…): sandbox refuses live credentials")
        if _host(self.resellerclub_api_url) == "httpapi.com" and self.resellerclub_api_key:
            found.append("RESELLERCLUB_API_URL is the live registrar: sandbox refuses it, use the test host or the simulator")
        if _host(self.taxjar_api_url) == "api.taxjar.com" and self.taxjar_api_key:
            found.append("TAXJAR_API_URL is the live tax provider: sandbox refuses it, use its sandbox host or the simulator")
        return found

    def _live_problems(self) -> list[str]:
        found = []
        needed = {
            "STRIPE_SECRET_KEY": self.stripe_secret_key,
            "STRIPE_WEBHOOK_SECRET": self.stripe_webhook_secret,
            "RESELLERCLUB_USER_ID": self.resellerclub_user_id,
            "RESELLERCLUB_API_KEY": self.resellerclub_api_key,
            "FIELD_KEYS": self.field_keys,
            "SMTP_HOST": self.smtp_host,
        }
        found += [f"{name} is missing: live mode has no substitute for it" for name, value in needed.items() if not value]
        if self.stripe_secret_key and self.stripe_secret_key.get_secret_value().startswith("sk_test_"):
            found.append("STRIPE_SECRET_KEY is a test key: live refuses it")
        if self.stripe_api_base != "https://api.stripe.com":
            found.append("STRIPE_API_BASE must be https://api.stripe.com in live mode")
        urls = {
            "RESELLERCLUB_API_URL": self.resellerclub_api_url,
            "NEXTPANEL_API_URL": self.nextpanel_api_url,
            "VIES_API_URL": self.vies_api_url,
            "TAXJAR_API_URL": self.taxjar_api_url,
            "API_URL": self.api_url,
            "PORTAL_URL": self.portal_url,
        }
        for name, url in urls.items():
            if url and (urlsplit(url).scheme != "https" or _host(url) in _LOCAL_HOSTS):
                found.append(f"{name} must be an https address that is not this machine in live mode")
        if len(self.secret_key.get_secret_value()) < 32 or "change" in self.secret_key.get_secret_value().lower():
            found.append("SECRET_KEY must be at least 32 random characters in live mode")
        if self.nextbill_clock_file or self.nextbill_crash_at:
            found.append("NEXTBILL_CLOCK_FILE and NEXTBILL_CRASH_AT exist in sandbox mode only")
        if self.outbound_allow:
            found.append("OUTBOUND_ALLOW opens private addresses: list panel networks in OUTBOUND_ALLOW only in sandbox mode")
        return found

    @cached_property
    def owner_url(self) -> URL:
        """Where `migrate` logs in; no other process does."""
        return make_url(self.database_url)

    def needed(self, name: str, value: str | SecretStr | None) -> str:
        """The value, or a refusal to start that names the setting: there is no substitute for a missing credential."""
        if not value:
            raise MissingSetting(f"{name} is not set. ./dev.sh sets it for the simulated vendors; .env.example explains it.")
        return value.get_secret_value() if isinstance(value, SecretStr) else value

    @property
    def vies_url(self) -> str:
        """The Commission's own where live says nothing else; a sandbox asks the simulator, or whatever it is told by name."""
        return self.vies_api_url or (VIES if self.live else self.needed("VIES_API_URL", self.vies_api_url))

    @cached_property
    def retry_days(self) -> tuple[int, ...]:
        return tuple(int(day) for day in self.charge_retry_days.split(","))

    @cached_property
    def reminder_series(self) -> tuple[int, ...]:
        return tuple(int(day) for day in self.reminder_days.split(","))

    @property
    def live(self) -> bool:
        return self.nextbill_mode == "live"


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def is_picture(content: bytes) -> bool:
    """By how it begins: PNG, JPEG, or an XML text that holds <svg."""
    return content.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff")) or b"<svg" in content[:4096]
