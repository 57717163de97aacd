"""What a start needs to know: data folder, addresses, made-up credentials, and the environment each child gets."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from nextbill.entrypoints.embedded import ports

REPOSITORY = Path(__file__).resolve().parents[5]
DATABASE = "nextbill"
PANELS = ("alpha", "beta")
RUNNING, ENVIRONMENT = "running.json", "environment.json"
"""In the data folder: what runs where, and the settings it runs with. How other commands find the running system."""
# Made once for each data folder; a value in .env or the environment wins.
CREDENTIALS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "FIELD_KEYS": lambda: f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    "STRIPE_SECRET_KEY": lambda: f"sk_test_{secrets.token_hex(24)}",
    "STRIPE_PUBLISHABLE_KEY": lambda: f"pk_test_{secrets.token_hex(24)}",
    "STRIPE_WEBHOOK_SECRET": lambda: f"whsec_{secrets.token_hex(24)}",
    "RESELLERCLUB_USER_ID": lambda: str(100_000 + secrets.randbelow(900_000)),
    "RESELLERCLUB_API_KEY": lambda: secrets.token_hex(16),
    "NEXTPANEL_API_KEY": lambda: f"npk_{secrets.token_hex(16)}",
    "NEXTPANEL_API_SECRET": lambda: f"nps_{secrets.token_hex(24)}",
    "PANEL_BETA_API_KEY": lambda: f"npk_{secrets.token_hex(16)}",
    "PANEL_BETA_API_SECRET": lambda: f"nps_{secrets.token_hex(24)}",
}
# What a sandbox lets the user point elsewhere; everything else about the simulated outside world is ours.
USERS_CHOICE = (
    "STRIPE_API_BASE",
    "RESELLERCLUB_API_URL",
    "VIES_API_URL",
    "NEXTPANEL_API_URL",
    "SMTP_HOST",
    "SMTP_STARTTLS",
    "API_URL",
    "PORTAL_URL",
    "OUTBOUND_ALLOW",
    "NEXTBILL_SANDBOX_PANELS",
)
EXAMPLE_COMPANY = {"COMPANY_TAX_ID": "DE136695976"}
"""What the example company of a sandbox has beyond the settings' defaults, so that its invoices are e-invoices. Nobody else's: a company that is
named in the settings has its own."""
NO_PROXY = "127.0.0.1,localhost"


@dataclass(frozen=True)
class Layout:
    """`private`: a system of its own on free ports that the user's settings don't reach."""

    data: Path
    ports: Mapping[str, int]
    settings: Mapping[str, str]
    private: bool
    credentials: Mapping[str, str] = field(repr=False)
    portal: bool = False
    """Whether the portal is served; else the API's own pages stand in for those that mails and payments lead to."""

    @property
    def database_url(self) -> str | None:
        """The user's own database, if any; then no server is embedded."""
        return None if self.private else self.settings.get("DATABASE_URL")

    def url(self, part: str) -> str:
        return f"http://{ports.LOOPBACK}:{self.ports[part]}"

    @property
    def api_url(self) -> str:
        return self._chosen("API_URL", f"http://localhost:{self.ports['api']}")

    @property
    def portal_url(self) -> str:
        return self._chosen("PORTAL_URL", f"http://localhost:{self.ports['portal']}" if self.portal else self.api_url)

    def panels(self) -> dict[str, str]:
        return {name: self.url(f"panel_{name}") for name in PANELS}

    def environment(self, database_url: str) -> dict[str, str]:
        """What migrate, seed, API and worker are started with. Complete, so that a .env can't mix in what is not meant for a sandbox."""
        ours = {
            "NEXTBILL_MODE": "sandbox",
            "NEXTBILL_DATA": str(self.data),
            "NEXTBILL_CLOCK_FILE": str(self.clock_file),
            "DATABASE_URL": database_url,
            "STRIPE_API_BASE": self.url("stripe"),
            "RESELLERCLUB_API_URL": self.url("resellerclub"),
            "VIES_API_URL": f"{self.url('vies')}/taxation_customs/vies/rest-api",
            "NEXTPANEL_API_URL": self.url("panel_alpha"),
            "NEXTBILL_SANDBOX_PANELS": json.dumps([self._panel(name) for name in PANELS]),
            "SMTP_HOST": ports.LOOPBACK,
            "SMTP_PORT": str(self.ports["smtp"]),
            "SMTP_STARTTLS": "false",
            "API_PORT": str(self.ports["api"]),
            "API_URL": self.api_url,
            "PORTAL_URL": self.portal_url,
            "METRICS_PORT": str(self.ports["api_metrics"]),
            "OUTBOUND_ALLOW": "127.0.0.0/8",
        }
        chosen = {name: self._chosen(name, value) for name, value in ours.items() if name in USERS_CHOICE}
        if "SMTP_HOST" in self.settings:
            chosen["SMTP_PORT"] = self._chosen("SMTP_PORT", ours["SMTP_PORT"])
        return self._company() | self._surroundings() | dict(self.credentials) | ours | chosen

    def _company(self) -> dict[str, str]:
        named = () if self.private else [name for name in self.settings if name.startswith("COMPANY_") and self.settings[name]]
        return {} if named else dict(EXAMPLE_COMPANY)

    def simulators(self) -> list[str]:
        """Arguments of the simulators' process: the same credentials on the vendors' side."""
        known = self.credentials
        options = {
            "stripe.api_key": known["STRIPE_SECRET_KEY"],
            "stripe.merchant_name": self._chosen("COMPANY_NAME", "Example Hosting"),
            "stripe.webhook_secret": known["STRIPE_WEBHOOK_SECRET"],
            "stripe.webhook_url": f"{self.url('api')}/api/v1/payments/webhook",
            "resellerclub.user_id": known["RESELLERCLUB_USER_ID"],
            "resellerclub.api_key": known["RESELLERCLUB_API_KEY"],
            "mailbox.smtp_port": str(self.ports["smtp"]),
        }
        for name in PANELS:
            options[f"nextpanel:{name}.api_key"] = self._panel(name)["api_key"]
            options[f"nextpanel:{name}.api_secret"] = self._panel(name)["api_secret"]
        vendors = {
            "stripe": "stripe",
            "resellerclub": "resellerclub",
            "vies": "vies",
            "mailbox": "mailbox",
            **{f"nextpanel:{name}": f"panel_{name}" for name in PANELS},
        }
        arguments = ["--data", str(self.data / "simulators"), "--clock", str(self.clock_file)]
        arguments += [word for name, value in options.items() for word in ("--option", f"{name}={value}")]
        return arguments + [f"{vendor}={self.ports[part]}" for vendor, part in vendors.items()]

    def simulators_environment(self) -> dict[str, str]:
        return self._surroundings() | {"NEXTBILL_MODE": "sandbox"}

    def portal_environment(self) -> dict[str, str]:
        return self._surroundings() | {"PORTAL_PORT": str(self.ports["portal"]), "API_ORIGIN": self.url("api"), "PORTAL_URL": self.portal_url}

    @property
    def clock_file(self) -> Path:
        return self.data / "clock.json"

    def _chosen(self, name: str, default: str) -> str:
        return default if self.private else self.settings.get(name) or default

    def _panel(self, name: str) -> dict[str, Any]:
        key = "NEXTPANEL" if name == PANELS[0] else f"PANEL_{name.upper()}"
        return {
            "name": name,
            "url": self.url(f"panel_{name}"),
            "api_key": self.credentials[f"{key}_API_KEY"],
            "api_secret": self.credentials[f"{key}_API_SECRET"],
            "nameservers": [f"ns1.{name}.example.net", f"ns2.{name}.example.net"],
        }

    def _surroundings(self) -> dict[str, str]:
        around = dict(os.environ)
        for name in ("NO_PROXY", "no_proxy"):
            around[name] = ",".join(filter(None, (around.get(name), NO_PROXY)))  # loopback calls never go through a proxy
        return around | {"PYTHONUNBUFFERED": "1"}


def plan(*, data: Path, ports_wanted: str, settings: Mapping[str, str]) -> Layout:
    """`ports_wanted`: "fixed" or "auto". Makes the data folder and, the first time, its credentials.

    Raises:
        StartRefused: a port is taken.
    """
    private = ports_wanted == "auto"
    # Beside SMTP_HOST, SMTP_PORT is that mail server's and not our mailbox's.
    movable = {name: value for name, value in settings.items() if name != "SMTP_PORT" or "SMTP_HOST" not in settings}
    chosen = ports.free() if private else ports.fixed(movable)
    return Layout(data, chosen, settings, private, _credentials(data, {} if private else settings))


def make_data_folder(data: Path) -> Path:
    """Others may pass through it (PostgreSQL's account, when root starts us) but see nothing; what is secret in it is 0600."""
    data = data.resolve()
    (data / "logs").mkdir(parents=True, exist_ok=True, mode=0o700)
    (data / "simulators").mkdir(exist_ok=True, mode=0o700)
    if os.geteuid() == 0:
        data.chmod(0o711)
    else:
        data.chmod(0o700)
    return data


def _credentials(data: Path, settings: Mapping[str, str]) -> dict[str, str]:
    vault = data / "secrets.json"
    kept: dict[str, str] = json.loads(vault.read_text()) if vault.exists() else {}
    missing = {name: make() for name, make in CREDENTIALS.items() if name not in kept}
    if missing:
        kept |= missing
        draft = vault.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as handle:
            json.dump(kept, handle, indent=1)
        draft.replace(vault)
    return kept | {name: settings[name] for name in kept if settings.get(name)}


def users_settings(file: Path = REPOSITORY / ".env") -> dict[str, str]:
    """What the user set: `.env`, and above it the environment. Empty means not set."""
    return {name: value for name, value in (dotenv_values(file) | dict(os.environ)).items() if value}
