"""The roles that log in to the database, and the passwords that each process derives for them."""

from __future__ import annotations

from enum import Enum

from nextbill.runtime.crypto import derive
from nextbill.runtime.settings import Settings


class Role(Enum):
    """Who asks. APP sees one customer's rows, WORK all, LICENSE the license tables; the owner only migrates."""

    APP = "nextbill_app"
    WORK = "nextbill_work"
    LICENSE = "nextbill_license"


def role_password(settings: Settings, role: Role) -> str:
    return derive(settings.secret_key.get_secret_value(), f"database-role:{role.value}").hex()
