"""The welcome link's page: HTML without scripts, its one style allowed by its hash."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from urllib.parse import urlsplit

from nextbill.capabilities.hosting.queries import FirstLogin, FirstLoginOffer

_STYLE = """
:root { color-scheme: light dark; --page: #f5f6f8; --card: #ffffff; --text: #1b1f24; --quiet: #57606a; --line: #d5dae0; --field: #f0f2f5;
  --accent: #1a56c4; --on-accent: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --card: #1d2127; --text: #e8eaed; --quiet: #a4adb8; --line: #363c45;
  --field: #262b33; --accent: #7fb0ff; --on-accent: #10151d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--page); color: var(--text);
  font: 16px/1.6 Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { width: 100%; max-width: 480px; padding: 32px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.shop { margin: 0 0 16px; color: var(--quiet); font-size: 14px; }
h1 { margin: 0 0 12px; font-size: 24px; line-height: 1.3; overflow-wrap: anywhere; }
p { margin: 0 0 16px; }
.quiet { color: var(--quiet); font-size: 14px; }
dl { margin: 0 0 24px; }
dt { margin: 0 0 4px; color: var(--quiet); font-size: 14px; }
dd { margin: 0 0 16px; padding: 12px; background: var(--field); border: 1px solid var(--line); border-radius: 8px; overflow-wrap: anywhere;
  font: 18px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; user-select: all; }
form { margin: 0; }
button, .button { display: inline-block; width: 100%; padding: 12px 20px; border: 0; border-radius: 8px; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
main > :last-child { margin-bottom: 0; }
a { color: var(--accent); }
.button, .button:visited { color: var(--on-accent); }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

_DEAD: dict[str, tuple[str, str]] = {
    "first_login_unknown": (
        "This link is not complete",
        "Perhaps your mail program broke it in two. Open it again from the mail, or copy the whole address.",
    ),
    "first_login_expired": (
        "This link has expired",
        "Links are good for seven days. Your account is there and your password was not shown to anybody. Ask us for a new link.",
    ),
    "first_login_used": (
        "This login was shown already",
        (
            "User name and password are shown once, then erased here, so we can't show them again. If you have not noted them, "
            "or if it was not you who opened this link, write to us and we will set a new password."
        ),
    ),
    "first_login_too_early": (
        "Your account is being made",
        "It usually takes less than a minute. Load this page again then.",
    ),
}


def offer_page(offer: FirstLoginOffer, *, company: str) -> str:
    """Before anything is shown: what the button will do."""
    about = f"<p>It is the login to the control panel of <strong>{escape(offer.domain)}</strong>.</p>" if offer.domain else ""
    until = f"{offer.expires_at:%A, %-d %B %Y, %H:%M} UTC"
    return _page(
        "Your first login",
        f"{about}<p>The button shows your user name and your first password. They are <strong>shown once, then erased here</strong>: "
        "have your password manager or a pen ready.</p>"
        '<form method="post"><button type="submit">Show my login</button></form>'
        f'<p class="quiet">This link is good until {until}.</p>',
        company=company,
    )


def shown_page(login: FirstLogin, *, company: str) -> str:
    """The one time."""
    link = f'<p><a class="button" href="{escape(login.url)}" rel="noreferrer">Open the control panel</a></p>' if _is_web(login.url) else ""
    return _page(
        "Your first login",
        "<p>Note both now. Our copy of the password has just been erased: this page can't be shown again.</p>"
        f"<dl><dt>User name</dt><dd>{escape(login.username)}</dd><dt>First password</dt><dd>{escape(login.password)}</dd></dl>"
        f'{link}<p class="quiet">Choose a password of your own in the panel after the first login.</p>',
        company=company,
    )


def dead_link_page(code: str, *, company: str, support: str, portal: str) -> str:
    """What is wrong with the link, and what to do."""
    title, words = _DEAD[code]
    return _page(
        title,
        f'<p>{words}</p><p class="quiet">Write to <a href="mailto:{escape(support)}">{escape(support)}</a> or open '
        f'<a href="{escape(portal)}" rel="noreferrer">your customer area</a>.</p>',
        company=company,
    )


def _page(title: str, body: str, *, company: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{title} · {escape(company)}</title><style>{_STYLE}</style></head>'
        f'<body><main><p class="shop">{escape(company)}</p><h1>{title}</h1>{body}</main></body></html>'
    )


def _is_web(url: str) -> bool:
    """The address comes from the panel: only http and https become a link."""
    return urlsplit(url).scheme in ("http", "https")
