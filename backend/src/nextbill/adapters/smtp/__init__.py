"""Mail by SMTP behind notifications' port `MailTransport`; SendGrid and SES are reached the same way."""

from nextbill.adapters.smtp.transport import SmtpSettings, SmtpTransport

__all__ = ["SmtpSettings", "SmtpTransport"]
