"""The frame of the mailbox's pages: banner, style, and the script that shows a new mail by itself."""

from __future__ import annotations

import html
import secrets

from starlette.responses import HTMLResponse, Response

STYLE = """
:root { color-scheme: light dark; --bg: #f5f6f8; --card: #fff; --ink: #1b1f24; --dim: #57606a; --line: #d0d7de; --accent: #0b5cad; --hover: #eef4fb; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #0f1216; --card: #191d23; --ink: #e8eaed; --dim: #a3acb6; --line: #343b44; --accent: #7db8f5; --hover: #202833; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.5 Inter, system-ui, sans-serif; overflow-wrap: anywhere; }
.banner { background: #ffd24d; color: #1b1f24; padding: 8px 16px; text-align: center; font-weight: 600; }
main { max-width: 860px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 24px; line-height: 1.3; margin: 0 0 16px; }
h2 { font-size: 16px; margin: 24px 0 8px; }
a { color: var(--accent); }
.dim { color: var(--dim); font-size: 14px; }
.search label { display: block; font-weight: 600; font-size: 14px; margin-bottom: 4px; }
.row { display: flex; gap: 8px; }
input { flex: 1; min-width: 0; min-height: 44px; padding: 8px 12px; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--dim); border-radius: 6px; }
button { min-height: 44px; padding: 0 20px; font: inherit; font-weight: 600; border: 0; border-radius: 6px;
  background: var(--accent); color: var(--card); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.mails { list-style: none; margin: 0; padding: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.mails li + li { border-top: 1px solid var(--line); }
.mails a { display: block; padding: 12px 16px; color: inherit; text-decoration: none; }
.mails a:hover { background: var(--hover); }
.line { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 16px; }
time { color: var(--dim); font-size: 14px; font-variant-numeric: tabular-nums; }
.preview { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.empty { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 40px 24px; text-align: center; margin-top: 16px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0; }
dt { color: var(--dim); } dd { margin: 0; }
ul { margin: 0; padding-left: 20px; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px; margin: 0; white-space: pre-wrap;
  font: 14px/1.5 ui-monospace, monospace; }
iframe { width: 100%; height: 60vh; min-height: 320px; border: 1px solid var(--line); border-radius: 8px; background: #fff; color-scheme: light; }
details { margin-top: 24px; } summary { min-height: 44px; cursor: pointer; font-weight: 600; } details p { margin: 8px 0; }
@media (max-width: 480px) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; } }
"""

CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"

# Looks every two seconds whether a mail came or went, and never while someone types.
REFRESH = """
const shown = %d;
setInterval(async () => {
  if (document.hidden || document.activeElement === document.getElementById("q")) return;
  const answer = await fetch("/_sim/mailbox/smtp").catch(() => null);
  if (answer && answer.ok && (await answer.json()).mails !== shown) location.reload();
}, 2000);
"""


def page(title: str, content: str, *, refresh: int | None = None, status: int = 200) -> Response:
    """`refresh`: the count of mails that the page shows; it reloads when the count changes."""
    nonce = secrets.token_urlsafe(16)
    script = f'<script nonce="{nonce}">{REFRESH % refresh}</script>' if refresh is not None else ""
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)} · Sandbox mailbox</title><style>{STYLE}</style></head><body>"
        '<div class="banner" role="note">Sandbox mailbox: nothing here left this machine</div>'
        f"<main>{content}</main>{script}</body></html>"
    )
    policy = f"{CONTENT_POLICY}; script-src 'nonce-{nonce}'"
    return HTMLResponse(body, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})
