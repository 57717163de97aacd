"""Who may do what, which passwords are refused, how many attempts are looked at. Pure."""

from __future__ import annotations

import hashlib
import ipaddress
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NewType, get_args
from uuid import UUID

from nextbill.kernel.email_address import parse_email

LoginId = NewType("LoginId", UUID)
PasswordHash = NewType("PasswordHash", str)

RoleName = Literal["customer", "support", "billing", "admin"]
Purpose = Literal["verify_email", "reset_password"]
ROLES: tuple[RoleName, ...] = get_args(RoleName)

# --- who may do what: read in review, walked by a test over all routes -------------------------------------------------------------

_CUSTOMER = frozenset({"orders.place"})
_READS = frozenset(
    {
        "analytics.read",
        "catalog.read",
        "customers.read_all",
        "domains.read_all",
        "hosting.read_all",
        "invoices.read_all",
        "jobs.read",
        "licenses.read_all",
        "notifications.read_all",
        "orders.read_all",
        "payments.read_all",
        "servers.read",
        "subscriptions.read_all",
        "tax.read",
        "tickets.read_all",
        "users.read",
    }
)
_SUPPORT = _READS - {"analytics.read"} | {"customers.manage", "hosting.manage", "tickets.manage"}
_BILLING = _READS | {
    "catalog.manage",
    "customers.manage",
    "invoices.manage",
    "ledger.manage",
    "ledger.read",
    "licenses.manage",
    "orders.manage",
    "payments.manage",
    "refunds.create",
    "subscriptions.manage",
    "tax.manage",
    "tickets.manage",
}
_ADMIN = (
    _SUPPORT
    | _BILLING
    | {
        "audit.read",
        "domains.manage",
        "invariants.read",
        "jobs.manage",
        "licenses.reveal",
        "notifications.manage",
        "panel_keys.manage",
        "servers.manage",
        "settings.manage",
        "users.manage",
    }
)
PERMISSIONS: dict[RoleName, frozenset[str]] = {"customer": _CUSTOMER, "support": _SUPPORT, "billing": _BILLING, "admin": _ADMIN}
PANEL_PERMISSIONS = ("validate", "usage", "reservations", "leases")


def audience(role: RoleName) -> str:
    """Customers and staff are separate audiences: a token of the one opens nothing of the other's."""
    return "nextbill:customer" if role == "customer" else "nextbill:staff"


# --- passwords (NIST SP 800-63B: length and a list of the worst, no rules of composition) -------------------------------------------

PASSWORD_MIN, PASSWORD_MAX = 10, 256
_WORST_TEXT = """
0000000000 0123456789 0987654321 1111111111 11111111111 1122334455 112233445566 1231231230 123123123123 1234567890 12345678910 123456789a
123456789q 1234qwerasdf 123qweasdzxc 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 9876543210 a123456789 aa12345678 aa123456789 aaaaaaaaaa abc1234567
abc123456789 abcd123456 abcdefghij abcdefghijk admin12345 admin123456 administrator administrator1 asdfghjkl1 asdfghjkl; azertyuiop
baseball123 changeme123 changemenow default123 dragon12345 football123 guest12345 hosting123 iloveyou12 iloveyou123 iloveyouforever
letmein123 letmein1234 master12345 monkey12345 mypassword mypassword1 nextbill123 nextpanel123 p@ssw0rd123 p@ssword123 passw0rd123
password1! password10 password11 password12 password123 password123! password1234 password12345 passwordpassword princess123 q1w2e3r4t5
qazwsxedcrfv qqqqqqqqqq qwer1234asdf qwerty1234 qwerty12345 qwerty123456 qwertyuiop qwertyuiop123 qwertzuiop root123456 rootpassword
secret12345 secretsecret sunshine123 superman123 test123456 testtest123 testtesttest trustno1trustno1 welcome123 welcome1234 zxcvbnm123
"""
_WORST = frozenset(_WORST_TEXT.split())


def password_problem(password: str, email: str) -> str | None:
    """What is wrong with it and what to do; None where it will do. Lengths are counted in characters after NFKC."""
    normal = normal_password(password)
    plain = normal.casefold()
    if len(normal) < PASSWORD_MIN:
        return f"use at least {PASSWORD_MIN} characters; a few words are easiest to remember"
    if len(normal) > PASSWORD_MAX:
        return f"use at most {PASSWORD_MAX} characters"
    if plain in _WORST or len(set(plain)) < 4:
        return "this is one of the first passwords that are tried: choose another"
    if plain in (email.casefold(), email.casefold().partition("@")[0]):
        return "a password that is the e-mail address is the first one that is tried: choose another"
    return None


def normal_password(password: str) -> str:
    """One form for one password, whatever keyboard typed it (NFKC)."""
    return unicodedata.normalize("NFKC", password)


# --- throttling ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts are looked at in one window; the others wait for its end."""

    attempts: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    login_account: Limit
    login_address: Limit
    mail_account: Limit
    mail_address: Limit


LIVE_LIMITS = Limits(
    login_account=Limit(10, timedelta(minutes=15)),
    login_address=Limit(100, timedelta(minutes=15)),
    mail_account=Limit(5, timedelta(hours=1)),
    mail_address=Limit(30, timedelta(hours=1)),
)
SANDBOX_LIMITS = Limits(
    # Everybody is 127.0.0.1 in a sandbox, and a demo must not be locked out for a quarter of an hour.
    login_account=Limit(10, timedelta(minutes=1)),
    login_address=Limit(100_000, timedelta(minutes=1)),
    mail_account=Limit(5, timedelta(minutes=1)),
    mail_address=Limit(100_000, timedelta(minutes=1)),
)


def limits(*, live: bool) -> Limits:
    return LIVE_LIMITS if live else SANDBOX_LIMITS


def fingerprint(text: str) -> str:
    """A subject's name in the throttle's rows: no address is stored in clear. Case and spelling of the host do not make another subject."""
    try:
        text = parse_email(text)
    except ValueError:
        text = text.strip()
    return hashlib.sha256(text.lower().encode()).hexdigest()


def wait(limit: Limit, *, attempts: int, window_started_at: datetime, now: datetime) -> int | None:
    """Seconds to wait where the limit has been passed, at least one."""
    if attempts <= limit.attempts:
        return None
    rest = window_started_at + limit.window - now
    return max(1, int(rest.total_seconds()) + 1)


# --- tokens -------------------------------------------------------------------------------------------------------------------------

TOKEN_LIFE: dict[Purpose, timedelta] = {"verify_email": timedelta(days=3), "reset_password": timedelta(minutes=30)}
REUSE_GRACE = timedelta(seconds=10)
SESSION_LIFE_MAX = timedelta(days=90)
PANEL_WINDOW_SECONDS = 300


def address_allowed(address: str, ranges: Sequence[str]) -> bool:
    """An empty list allows all. An IPv4 address that came in as IPv6 is compared as IPv4."""
    if not ranges:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in ipaddress.ip_network(text) for text in ranges)


def parse_range(text: str) -> str:
    """`10.0.0.5` or `10.0.0.0/24`, normalised. ValueError says what is wrong."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise ValueError("not an address or a range such as 10.0.0.0/24") from None
