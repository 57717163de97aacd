"""Names that a panel accepts, and what a server's health is after a row of checks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Literal
from uuid import UUID

USERNAME_MAX = 16
USERNAME_MIN = 3
EMAIL_LOCAL_MAX = 64
DOWN_AFTER, UP_AFTER = 3, 2
"""Checks in a row that change our mind about a server: one lost answer neither takes it out nor brings it back."""

RESERVED = frozenset({
    "admin", "administrator", "apache", "backup", "bin", "cron", "daemon", "dns", "ftp", "games", "git", "guest", "http", "info",
    "localhost", "mail", "mysql", "named", "news", "nextpanel", "nginx", "nobody", "operator", "postfix", "postgres", "postmaster", "root",
    "ssh", "sync", "sys", "system", "test", "user", "users", "web", "webmaster", "webmail", "www",
})  # fmt: skip

AccountState = Literal["waiting", "requested", "parked", "ready", "suspended", "refused", "cancelled", "deleted"]
HOLDS_SLOT: frozenset[str] = frozenset({"requested", "parked", "ready", "suspended"})
"""The states in which an account takes up a place on its server."""

SuspensionReason = Literal["unpaid", "abuse", "fraud", "legal", "paused", "ended"]
"""`paused` and `ended`: as the subscription behind it is. The others are given and taken back by staff, and `unpaid` by payments."""
Health = Literal["unknown", "up", "down"]


def username_stem(*, domain: str | None, full_name: str) -> str:
    """Lower-case ASCII letters and digits, a letter first, 3 to 16 of them: from the domain's first label, else from the person's name."""
    for source in (domain.split(".", 1)[0].removeprefix("xn--") if domain else "", full_name):
        plain = unicodedata.normalize("NFKD", source).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]", "", plain).lstrip("0123456789")[:USERNAME_MAX]
        if len(stem) >= USERNAME_MIN:
            return stem
    return "site"


def username(stem: str, *, taken: Collection[str], skip: int = 0) -> str:
    """The first free one of stem, stem2, stem3 …; `skip` passes over as many free ones (names that the panel says are taken by others)."""
    number, free = 1, 0
    while True:
        suffix = "" if number == 1 else str(number)
        candidate = stem[: USERNAME_MAX - len(suffix)] + suffix
        if candidate not in taken and candidate not in RESERVED:
            if free == skip:
                return candidate
            free += 1
        number += 1


def panel_email(email: str, *, user: str, own_host: str, shared: bool) -> str:
    """The address that the panel gets. Panels demand unique ones, so a further account gets `local+user@host`.

    Where that grows too long, an address at our own host: a shortened one could be another person's mailbox.
    """
    if not shared:
        return email
    local, _, host = email.rpartition("@")
    tagged = f"{local}+{user}"
    return f"{tagged}@{host}" if len(tagged) <= EMAIL_LOCAL_MAX and len(email) + len(user) < 254 else f"{user}@{own_host}"


def health_after(health: Health, *, streak: int, up: bool) -> tuple[Health, int]:
    """`streak`: checks in a row that said so, positive for up, negative for down. Answers with the new health and streak."""
    streak = max(1, streak + 1) if up else min(-1, streak - 1)
    if up:
        return ("up" if health == "unknown" or streak >= UP_AFTER else health), streak
    return ("down" if -streak >= DOWN_AFTER else health), streak


def username_of_id(stem: str, account_id: UUID) -> str:
    """Where others keep having the name: ten characters of the stem and six of the account's id."""
    return stem[: USERNAME_MAX - 6] + account_id.hex[-6:]
