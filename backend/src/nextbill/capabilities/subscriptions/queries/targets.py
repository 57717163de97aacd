"""What a subscription is, and what it would be: terms by the catalog of a day, with the prices kept that were sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from nextbill.capabilities import catalog
from nextbill.capabilities.subscriptions.errors import ChargedOnce, NothingChanges
from nextbill.capabilities.subscriptions.queries.subscriptions import Subscription
from nextbill.capabilities.subscriptions.rules import ChangeKind, Item, Terms, days_ahead, with_extras
from nextbill.kernel.period import Cycle
from nextbill.runtime.database import ReadTx

_MAIN = ("plan", "product")


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be another; None stays. `addons` and `options` are all that there shall be. `quantity`: of a product."""

    plan_code: str | None = None
    cycle: Cycle | None = None
    quantity: int | None = None
    addons: Sequence[catalog.AddonChoice] | None = None
    options: Sequence[catalog.OptionChoice] | None = None


def terms_of(found: Subscription) -> Terms:
    return Terms(
        plan_id=found.plan_id,
        plan_code=found.plan_code,
        plan_name=found.plan_name,
        product_class=found.product_class,
        price_id=found.price_id,
        price_version=found.price_version,
        cycle=found.cycle,
        items=found.items,
        limits=found.limits,
        features=found.features,
        days_ahead=found.days_ahead,
    )


async def target_of(tx: ReadTx, found: Subscription, wish: Wish, *, on: date) -> tuple[ChangeKind, Terms]:
    """What is kept keeps its price; what is new has today's, and so has everything of another cycle. Setup fees belong to orders.

    NothingChanges, ChargedOnce, or the catalog's refusal of what was chosen."""
    main = next(item for item in found.items if item.kind in _MAIN)
    kept = wish.plan_code in (None, found.plan_code) and wish.cycle in (None, found.cycle)
    offer = _as_sold(found) if kept else await _offer(tx, found, main, wish, on=on)
    same_plan = offer.plan_id == found.plan_id
    known = {item.product_id: item for item in found.items if item.billing == "each_period"} if offer.cycle == found.cycle else {}
    items = [_main(main, offer, known, wish.quantity), *await _extras(tx, found, offer, wish, known=known, on=on)]
    limits, features = await _limits(tx, found, offer, items, same_plan=same_plan)
    once = [item for item in found.items if item.billing == "first_period"]
    target = Terms(
        plan_id=offer.plan_id,
        plan_code=offer.plan_code,
        plan_name=offer.plan_name,
        product_class=offer.product_class,
        price_id=items[0].price_id,
        price_version=items[0].price_version,
        cycle=offer.cycle or found.cycle,
        items=(*items, *once),
        limits=limits,
        features=features,
        days_ahead=found.days_ahead if kept else days_ahead(offer.cycle or found.cycle, offer.invoice_days_ahead),
    )
    if (target.plan_id, target.cycle, _sold(target.items)) == (found.plan_id, found.cycle, _sold(found.items)):
        raise NothingChanges(fields={"plan": "choose another plan, cycle, quantity, or other add-ons"})
    return _kind(found, target, main), target


def _kind(found: Subscription, target: Terms, main: Item) -> ChangeKind:
    if target.plan_id != found.plan_id:
        return "plan"
    if target.cycle != found.cycle:
        return "cycle"
    return "quantity" if target.items[0].quantity != main.quantity else "addons"


def _sold(items: Sequence[Item]) -> set[tuple[UUID, int]]:
    return {(item.product_id, item.quantity) for item in items if item.billing == "each_period"}


def _as_sold(found: Subscription) -> catalog.PlanOffer:
    """The plan as it was sold, whether it is on sale today or not."""
    return catalog.PlanOffer(
        found.plan_id, found.plan_code, found.plan_name, found.price_version, found.price, found.cycle, found.limits, found.features,
        found.product_class, found.price_id,
    )  # fmt: skip


async def _offer(tx: ReadTx, found: Subscription, main: Item, wish: Wish, *, on: date) -> catalog.PlanOffer:
    offer = await catalog.price_plan(
        tx,
        plan_code=wish.plan_code or found.plan_code,
        cycle=wish.cycle or found.cycle,
        currency=found.price.currency,
        on=on,
        kind="product" if main.kind == "product" else "hosting",
    )
    if offer.stocked and not offer.stock_left:
        raise catalog.OutOfStock(f"{offer.plan_name} is sold out.", fields={"plan": "sold out"})
    return offer


def _main(main: Item, offer: catalog.PlanOffer, known: dict[UUID, Item], quantity: int | None) -> Item:
    pieces = main.quantity if quantity is None else quantity
    kept = known.get(offer.plan_id)
    if kept is not None:
        return Item(kept.kind, kept.product_id, kept.code, kept.name, pieces, kept.unit, kept.price_id, kept.price_version)
    return Item(main.kind, offer.plan_id, offer.plan_code, offer.plan_name, pieces, offer.price, offer.price_id, offer.price_version)


async def _extras(tx: ReadTx, found: Subscription, offer: catalog.PlanOffer, wish: Wish, *, known: dict[UUID, Item], on: date) -> list[Item]:
    if not _asks_catalog(found, offer, wish):
        return [item for item in found.items if item.kind not in _MAIN and item.billing == "each_period"]
    addons, options = await catalog.price_extras(tx, plan=offer, addons=_addons(found, wish), options=_options(found, wish), on=on)
    items = []
    for extra in [*addons, *options]:
        if not extra.recurs:
            raise ChargedOnce(fields={"addons": f"{extra.name} is charged once"})
        kept = known.get(extra.product_id)
        unit, price_id, version = (kept.unit, kept.price_id, kept.price_version) if kept else (extra.price, extra.price_id, extra.price_version)
        items.append(Item(extra.kind, extra.product_id, extra.code, extra.name, extra.quantity, unit, price_id, version))
    return items


def _asks_catalog(found: Subscription, offer: catalog.PlanOffer, wish: Wish) -> bool:
    """Only the quantity changes: what comes with it stays as it is, even where it is no longer sold."""
    return wish.addons is not None or wish.options is not None or (offer.plan_id, offer.cycle) != (found.plan_id, found.cycle)


def _addons(found: Subscription, wish: Wish) -> list[catalog.AddonChoice]:
    if wish.addons is not None:
        return list(wish.addons)
    return [catalog.AddonChoice(item.code, item.quantity) for item in found.items if item.kind == "addon" and item.billing == "each_period"]


def _options(found: Subscription, wish: Wish) -> list[catalog.OptionChoice]:
    if wish.options is not None:
        return list(wish.options)
    chosen = [(item.code.partition(":"), item.quantity) for item in found.items if item.kind == "option" and item.billing == "each_period"]
    return [catalog.OptionChoice(option, value, quantity) for (option, _, value), quantity in chosen]


async def _limits(
    tx: ReadTx, found: Subscription, offer: catalog.PlanOffer, items: Sequence[Item], *, same_plan: bool
) -> tuple[dict[str, int | None], tuple[str, ...]]:
    """Of the same plan as it was sold, with what its extras bring more or less now; of another one as it is today."""
    before = [item for item in found.items if item.kind not in _MAIN and item.billing == "each_period"]
    after = [item for item in items if item.kind not in _MAIN]
    shares = await catalog.shares_of(tx, [offer.plan_id, *(item.product_id for item in [*before, *after])])
    own = shares.get(offer.plan_id, catalog.Share({}, ()))
    come = [catalog.times(shares[item.product_id], item.quantity) for item in after if item.product_id in shares]
    if not same_plan:
        return catalog.added_up(own.limits, own.features, come)
    if _sold(before) == _sold(after):
        return dict(found.limits), found.features
    gone = [catalog.times(shares[item.product_id], item.quantity) for item in before if item.product_id in shares]
    anew, _features = catalog.added_up(own.limits, own.features, come)
    # What the plan names itself stays, though something that goes named it too.
    lost = [catalog.Share(share.limits, [code for code in share.features if code not in own.features]) for share in gone]
    return with_extras(found.limits, found.features, gone=lost, come=come, anew=anew)
