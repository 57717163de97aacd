"""The page where a customer who follows the welcome mail arrives. It only shows that the credentials are right."""

from __future__ import annotations

import html

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from nextbill_simulators.chassis import Document, World
from nextbill_simulators.nextpanel.accounts import Accounts
from nextbill_simulators.nextpanel.gate import Gate

HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'", "Cache-Control": "no-store"}

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>
:root {{ color-scheme: light dark; --bg: #f5f6f8; --card: #fff; --ink: #1b1f24;
  --dim: #57606a; --line: #d0d7de; --accent: #0b5cad; --bad: #b3261e; }}
@media (prefers-color-scheme: dark) {{ :root {{ --bg: #0f1216; --card: #191d23; --ink: #e8eaed;
  --dim: #a3acb6; --line: #343b44; --accent: #7db8f5; --bad: #ff9d94; }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.5 Inter, system-ui, sans-serif; overflow-wrap: anywhere; }}
.banner {{ background: #ffd24d; color: #1b1f24; padding: 8px 16px; text-align: center; font-weight: 600; }}
main {{ max-width: 420px; margin: 48px auto; padding: 0 16px; }}
section {{ background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 24px; }}
h1 {{ font-size: 20px; margin: 0 0 16px; }}
p {{ margin: 0 0 12px; }}
.bad {{ color: var(--bad); }}
label {{ display: block; font-weight: 600; margin: 12px 0 4px; }}
input {{ width: 100%; min-height: 44px; padding: 8px 12px; font: inherit; color: inherit;
  background: var(--bg); border: 1px solid var(--dim); border-radius: 6px; }}
button {{ width: 100%; min-height: 44px; margin-top: 20px; font: inherit; font-weight: 600;
  border: 0; border-radius: 6px; background: var(--accent); color: var(--card); }}
:focus-visible {{ outline: 3px solid var(--accent); outline-offset: 2px; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0 0 12px; }}
dt {{ color: var(--dim); }} dd {{ margin: 0; }}
</style></head><body>
<div class="banner" role="note">SANDBOX. This is a simulated panel ({name}); nothing here is real hosting.</div>
<main><section>{content}</section></main></body></html>"""

FORM = """<h1>Log in to your hosting panel</h1>{problem}
<form method="post" action="/login">
<label for="username">User name</label><input id="username" name="username" autocomplete="username" value="{username}" required>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Log in</button></form>"""

INSIDE = """<h1>You are logged in</h1>
<p>This is where the hosting panel would be.</p>
<dl><dt>User name</dt><dd>{username}</dd><dt>E-mail</dt><dd>{email}</dd><dt>State</dt><dd>{status}</dd><dt>Limits</dt><dd>{limits}</dd></dl>"""


def login_routes(world: World, gate: Gate, accounts: Accounts) -> list[BaseRoute]:
    async def home(_request: Request) -> Response:
        return RedirectResponse("/login")

    async def show(request: Request) -> Response:
        token = request.query_params.get("token")
        if token is None:
            return _form(world)
        account = accounts.redeem_token(token)
        return _inside(world, account) if account else _form(world, problem="This link has been used or is too old.", status=401)

    async def submit(request: Request) -> Response:
        form = await request.form()
        username = _text(form, "username")
        account = accounts.log_in(username, _text(form, "password"))
        return _inside(world, account) if account else _form(world, username=username, problem="The user name or the password is wrong.", status=401)

    return [Route("/", gate.open(home)), Route("/login", gate.open(show)), Route("/login", gate.open(submit), methods=["POST"])]


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _form(world: World, *, username: str = "", problem: str = "", status: int = 200) -> Response:
    shown = f'<p class="bad" role="alert">{html.escape(problem)}</p>' if problem else ""
    return _page(world, "Log in", FORM.format(problem=shown, username=html.escape(username, quote=True)), status)


def _inside(world: World, account: Document) -> Response:
    if account["status"] != "active":
        return _page(world, "Suspended", '<h1>This account is suspended</h1><p class="bad">Please contact your hosting company.</p>', 403)
    limits = ", ".join(f"{name.removeprefix('max_')} {'unlimited' if most is None else most}" for name, most in account["limits"].items())
    facts = {"username": account["username"], "email": account["email"], "status": account["status"], "limits": limits or "none told"}
    return _page(world, "Your panel", INSIDE.format(**{name: html.escape(str(fact)) for name, fact in facts.items()}), 200)


def _page(world: World, title: str, content: str, status: int) -> Response:
    body = PAGE.format(title=f"{title} · NextPanel sandbox", name=html.escape(world.name), content=content)
    return HTMLResponse(body, status, HEADERS)
