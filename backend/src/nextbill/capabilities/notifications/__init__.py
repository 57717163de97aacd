"""Which fact becomes which mail. Nobody calls it: it reacts."""

from nextbill.capabilities.notifications.commands import Letter, send
from nextbill.capabilities.notifications.queries import LoggedMail, mail_log

__all__ = ["Letter", "LoggedMail", "mail_log", "send"]
