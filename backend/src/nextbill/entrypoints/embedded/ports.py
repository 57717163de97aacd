"""Which port is whose: fixed numbers people remember, or free ones for a private system."""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from nextbill.entrypoints.embedded.errors import StartRefused

LOOPBACK = "127.0.0.1"
# name → (setting that moves it, default)
FIXED = {
    "api": ("API_PORT", 8001),
    "api_metrics": ("METRICS_PORT", 8002),
    "worker_metrics": ("WORKER_METRICS_PORT", 8003),
    "portal": ("PORTAL_PORT", 3001),
    "mailbox": ("MAILBOX_PORT", 8025),
    "smtp": ("SMTP_PORT", 1025),
    "stripe": ("STRIPE_PORT", 8111),
    "resellerclub": ("RESELLERCLUB_PORT", 8112),
    "vies": ("VIES_PORT", 8113),
    "panel_alpha": ("PANEL_ALPHA_PORT", 9001),
    "panel_beta": ("PANEL_BETA_PORT", 9002),
}
LENT = Path("/proc/sys/net/ipv4/ip_local_port_range")


def fixed(settings: Mapping[str, str]) -> dict[str, int]:
    """The default ports, moved by the settings; every one that we serve must be free.

    Raises:
        StartRefused: the first port that is not a number, named twice or taken, with who has it.
    """
    chosen: dict[str, int] = {}
    for name, (setting, default) in FIXED.items():
        text = settings.get(setting) or str(default)
        if not text.isdigit() or not 0 < int(text) < 65536:
            raise StartRefused(f"{setting}={text} is not a port: a number from 1 to 65535.")
        if int(text) in chosen.values():
            raise StartRefused(f"{setting}={text}: that port is used by another part already. Choose a different one.")
        chosen[name] = int(text)
    for name, port in chosen.items():
        if not is_free(port):
            raise StartRefused(f"Port {port} is taken by {_holder(port)}. Stop that, or set {FIXED[name][0]} to another port, or use --ports auto.")
    return chosen


def free() -> dict[str, int]:
    """A free port for each part, all held at once so that no two are the same."""
    with ExitStack() as held:
        return {name: _hold_free(held) for name in FIXED}


def one_free() -> int:
    with ExitStack() as held:
        return _hold_free(held)


def _hold_free(held: ExitStack) -> int:
    """Below the range that the system lends to outgoing connections: a port from it could be lent again before its part has begun to listen.

    Raises:
        StartRefused: a hundred ports tried, each taken.
    """
    lowest_lent = _lowest_lent()
    for _ in range(100):
        port = random.randrange(max(1024, lowest_lent - 20_000), lowest_lent)  # noqa: S311 (no secret)
        probe = socket.socket()
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            probe.close()
            continue
        held.enter_context(probe)
        return port
    raise StartRefused(f"No free port on {LOOPBACK} below {lowest_lent}.")


def _lowest_lent() -> int:
    try:
        return int(LENT.read_text().split()[0])
    except OSError:
        return 32768  # Linux's default; other systems lend from higher up


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    """As much as we may see; other accounts' processes stay unnamed."""
    sockets = {f"socket:[{number}]" for number in _listening(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(handle.readlink()) in sockets for handle in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue  # not ours to see, or gone meanwhile
    return "another program"


def _listening(port: int) -> list[str]:
    found = []
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        rows = table.read_text().splitlines()[1:] if table.exists() else []
        fields = (row.split() for row in rows)
        found += [field[9] for field in fields if field[3] == "0A" and int(field[1].rpartition(":")[2], 16) == port]
    return found
