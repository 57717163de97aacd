"""What every simulator stands on: a store that survives restarts, a shared clock, faults on demand, control routes."""

from nextbill_simulators.chassis.clock import SharedClock
from nextbill_simulators.chassis.control import World, build_app
from nextbill_simulators.chassis.faults import Effect, Faults
from nextbill_simulators.chassis.store import Document, Store

__all__ = ["Document", "Effect", "Faults", "SharedClock", "Store", "World", "build_app"]
