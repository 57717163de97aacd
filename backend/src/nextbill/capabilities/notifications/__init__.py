"""Which fact becomes which mail. Nobody calls it: it reacts."""

from nextbill.capabilities.notifications.commands import send
from nextbill.capabilities.notifications.queries import LoggedMail, mail_log
from nextbill.capabilities.notifications.rules import Composed, Letter

__all__ = ["Composed", "Letter", "LoggedMail", "mail_log", "send"]
