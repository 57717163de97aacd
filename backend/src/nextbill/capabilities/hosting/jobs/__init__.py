"""Hosting's dealings with panels, and its ticks."""

from nextbill.capabilities.hosting.jobs.change import ChangeAccount
from nextbill.capabilities.hosting.jobs.creation import CreateAccount, SetFirstPassword
from nextbill.capabilities.hosting.jobs.health import CHECK, TICKS, CheckServer

__all__ = ["CHECK", "TICKS", "ChangeAccount", "CheckServer", "CreateAccount", "SetFirstPassword"]
