"""`python -m nextbill_simulators --data DIR --clock FILE stripe=PORT nextpanel:alpha=PORT vies=PORT …`: any number of vendors in one process."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import signal
import sys
from pathlib import Path

import uvicorn

from nextbill_simulators.chassis import Faults, SharedClock, Store, World

VENDORS = ("stripe", "resellerclub", "nextpanel", "vies", "taxjar", "mailbox")


def main() -> int:
    arguments = _parse()
    if os.environ.get("NEXTBILL_MODE") == "live":
        print("The simulators refuse to start in live mode: real money must never meet a fake vendor.", file=sys.stderr)
        return 2
    options = dict(pair.split("=", 1) for pair in arguments.option)
    clock = SharedClock(arguments.clock)
    worlds = [_world(spec, arguments.data, clock, options, arguments.seed) for spec in arguments.vendors]
    asyncio.run(_serve(worlds))
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nextbill_simulators", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder for what the vendors remember")
    parser.add_argument("--clock", type=Path, required=True, help="file with the shared clock's offset")
    parser.add_argument(
        "--option", action="append", default=[], metavar="vendor.name=value", help="a setting of one vendor, such as mailbox.smtp_port=1025"
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the fault dice")
    parser.add_argument("vendors", nargs="+", metavar="vendor[:name]=port")
    return parser.parse_args()


def _world(spec: str, data: Path, clock: SharedClock, options: dict[str, str], seed: int) -> tuple[World, int]:
    name, _, port = spec.rpartition("=")
    if name.partition(":")[0] not in VENDORS or not port.isdigit():
        sys.exit(f"{spec}: expected vendor=port or vendor:name=port, where vendor is one of {', '.join(VENDORS)}")
    mine = {key.partition(".")[2]: value for key, value in options.items() if key.partition(".")[0] == name}
    store = Store(data / f"{name.replace(':', '-')}.sqlite")
    return World(name, f"http://127.0.0.1:{port}", store, clock, Faults(seed), mine), int(port)


async def _serve(worlds: list[tuple[World, int]]) -> None:
    servers = []
    for world, port in worlds:
        vendor = importlib.import_module(f"nextbill_simulators.{world.name.partition(':')[0]}.app")
        config = uvicorn.Config(
            vendor.create_app(world), host="127.0.0.1", port=port, access_log=False, log_level="warning", lifespan="on", timeout_keep_alive=75
        )
        servers.append(uvicorn.Server(config))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    tasks = [asyncio.create_task(server._serve()) for server in servers]
    await stopping.wait()
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)


if __name__ == "__main__":
    sys.exit(main())
