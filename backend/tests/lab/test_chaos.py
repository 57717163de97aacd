"""Chaos itself: a run of a size for every day, and that its questions find what is planted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nextbill import wiring
from nextbill.runtime import steps
from nextbill_lab.chaos.checks import check_all
from nextbill_lab.chaos.evidence import Evidence, Ours, Theirs
from nextbill_lab.chaos.points import NOT_OF_A_PURCHASE, PLACES, STEPS, all_points, some_points
from nextbill_lab.chaos.shopper import Purchase
from tests.lab.test_demo import nextbill, temporary

__all__ = ["temporary"]
PANEL = "http://127.0.0.1:9001"
TOTAL = {"amount": 4399, "currency": "USD"}


@pytest.mark.timeout(420)
def test_a_short_run_loses_and_doubles_nothing(temporary: Path) -> None:
    ended = nextbill("chaos", "purchase", "--orders", "8", "--seed", "7", "--size", "ci", "--json", temporary=temporary, seconds=400)

    told = json.loads(ended.stdout)
    wrong = {check["promise"]: check["violations"] for check in told["checks"] if check["violations"]}
    assert (wrong, told["problems"], ended.returncode) == ({}, [], 0), ended.stderr
    assert len(told["checks"]) == len(check_all(evidence()))
    assert told["paid_orders"] + len(told["unpaid_leftovers"]) == 8
    assert told["kills"]["postgres"] == 1
    assert told["kills"]["crash_points"], "the storm reached no crash point at all"
    assert told["faults_struck"], "no vendor did anything wrong"
    assert list(temporary.iterdir()) == []


def test_its_crash_points_are_the_products() -> None:
    assert wiring.INVARIANTS, "imports every procedure"
    named = {kind.name for kind in steps.Procedure.__subclasses__() if kind.__module__.startswith("nextbill.capabilities.")}
    places = re.findall(r'crash\.point\(f"\{[a-z.]+\}:([a-z_]+)"\)', Path(steps.__file__).read_text())

    assert set(STEPS) | set(NOT_OF_A_PURCHASE) == named
    assert set(PLACES) == set(places)


def test_short_runs_reach_all_points_over_some_seeds() -> None:
    reached = {point.name for seed in range(200) for point in some_points(Random(seed))}

    looked = {f"{step}:looked" for step in STEPS} - {"hosting.create_account:looked", "domains.register:looked"}
    assert reached == {point.name for point in all_points()} - looked


def evidence() -> Evidence:
    """One paid order, delivered and right in every respect, and one that was never paid."""
    paid = Purchase(
        "ada@example.com", "starter", True, False, False, True, "4242", domain="a.com", order_id="o1", number="ORD-2026-000001", paid=True
    )
    left = Purchase("bob@example.com", "starter", False, False, False, True, "4242", domain="b.com", order_id="o2", number="ORD-2026-000002")
    hosting = {"kind": "hosting", "plan": "starter", "result": {"license_id": "l1", "account_id": "a1"}, "domain_name": None, "state": "delivered"}
    name = {"kind": "domain", "plan": None, "result": {"domain_id": "d1"}, "domain_name": "a.com", "state": "delivered"}
    ours = Ours(
        orders=[
            {"id": "o1", "number": paid.number, "state": "completed", "total": TOTAL, "lines": [hosting, name]},
            {"id": "o2", "number": left.number, "state": "pending", "total": TOTAL, "lines": []},
        ],
        attempts={"o1": ["t1"], "o2": []},
        invoices=[{"number": "INV-2026-000001", "state": "paid", "total": TOTAL, "origin_id": "o1"}],
        licenses={"ada@example.com": [{"id": "l1", "status": "active", "plan": "starter"}], "bob@example.com": []},
        accounts=[{"id": "a1", "server_id": "s1", "status": "ready"}],
        domains=[{"name": "a.com", "status": "active"}],
        servers=[{"id": "s1", "name": "alpha", "base_url": PANEL, "used": 1}],
        balances={"USD": 0},
        invariants=[{"invariant": "ledger_balances", "violations": []}],
    )
    theirs = Theirs(
        payments=[{"captured": 4399, "refunded": 0, "metadata": {"attempt_id": "t1"}}],
        names=[{"name": "a.com", "live": True, "charges": [{"kind": "AddNewDomain"}]}],
        charges=[{"kind": "AddNewDomain"}],
        accounts={PANEL: [{"billing_id": "a1"}]},
        mails=[
            mail("ada@example.com", "<1@x>", "Confirm", links=["http://x/verify-email?token=1"]),
            mail("bob@example.com", "<2@x>", "Confirm", links=["http://x/verify-email?token=2"]),
            mail("ada@example.com", "<3@x>", "Receipt for INV-2026-000001"),
            mail("ada@example.com", "<4@x>", "Ready", text="ORD-2026-000001", links=["http://x/welcome/abc"]),
        ],
    )
    return Evidence([paid, left], ours, theirs)


def mail(to: str, message_id: str, subject: str, *, text: str = "", links: list[str] | None = None) -> dict[str, Any]:
    return {"to": [to], "message_id": message_id, "subject": subject, "text": text, "html": "", "links": links or []}


def test_what_is_right_is_found_right() -> None:
    assert [check.violations for check in check_all(evidence()) if check.violations] == []


def test_the_same_mail_again_is_counted_and_is_no_violation() -> None:
    found = evidence()
    found.theirs.mails.append(found.theirs.mails[3])

    assert [check.violations for check in check_all(found) if check.violations] == []
    assert any("1 of them again" in check.seen for check in check_all(found))


Plant = Callable[[Evidence], Any]
PLANTED: dict[str, tuple[str, Plant]] = {
    "charged twice": ("one net charge", lambda e: e.theirs.payments.append(e.theirs.payments[0])),
    "charged and refunded": ("one net charge", lambda e: e.theirs.payments[0].update(refunded=4399)),
    "charged too little": ("one net charge", lambda e: e.theirs.payments[0].update(captured=4398)),
    "charged for nothing": ("one net charge", lambda e: e.theirs.payments.append({"captured": 1, "refunded": 0, "metadata": {}})),
    "paid, never heard of": ("what was paid is completed", lambda e: e.ours.orders[0].update(state="pending")),
    "two orders of one cart": (
        "One cart is one order",
        lambda e: e.ours.orders.append({**e.ours.orders[1], "id": "o3"}) or e.ours.attempts.update(o3=[]),
    ),
    "no invoice": ("one paid invoice", lambda e: e.ours.invoices.clear()),
    "invoice for nothing": ("one paid invoice", lambda e: e.ours.invoices.append({**e.ours.invoices[0], "origin_id": "o2"})),
    "a gap": ("gapless", lambda e: e.ours.invoices[0].update(number="INV-2026-000002")),
    "license not paid": ("one license", lambda e: e.ours.licenses["bob@example.com"].append({"id": "l2", "status": "active", "plan": "starter"})),
    "no license": ("one license", lambda e: e.ours.licenses["ada@example.com"].clear()),
    "registered twice": ("registered and charged once", lambda e: e.theirs.names[0]["charges"].append({"kind": "AddNewDomain"})),
    "never registered": ("registered and charged once", lambda e: e.theirs.names.clear()),
    "registered, not paid": ("registered and charged once", lambda e: e.theirs.names.append({"name": "b.com", "live": True, "charges": [{}]})),
    "two accounts": ("exactly one panel", lambda e: e.theirs.accounts[PANEL].append({"billing_id": "a1"})),
    "on two panels": ("exactly one panel", lambda e: e.theirs.accounts.update({"http://other": [{"billing_id": "a1"}]})),
    "account not paid": ("exactly one panel", lambda e: e.theirs.accounts[PANEL].append({"billing_id": "a9"})),
    "no account": ("exactly one panel", lambda e: e.theirs.accounts[PANEL].clear()),
    "made and deleted": ("exactly one panel", lambda e: e.theirs.deleted.append({"billing_id": "a7"})),
    "place counted twice": ("accounts on it", lambda e: e.ours.servers[0].update(used=2)),
    "books off": ("trial balance", lambda e: e.ours.balances.update(USD=1)),
    "no receipt": ("Confirmation, receipt and welcome", lambda e: e.theirs.mails.pop(2)),
    "two welcomes": ("Confirmation, receipt and welcome", lambda e: e.theirs.mails.append({**e.theirs.mails[3], "message_id": "<5@x>"})),
    "invariant": ("nextbill check", lambda e: e.ours.invariants[0]["violations"].append("journal 1")),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_what_is_planted_is_found(planted: str) -> None:
    promise, plant = PLANTED[planted]
    found = deepcopy(evidence())
    plant(found)

    assert any(promise in check.promise for check in check_all(found) if check.violations)


def test_things_left_open_and_steps_without_a_cause_are_found() -> None:
    found = evidence()
    found.still_open, found.nameless = ["a webhook is on its way"], ["domains.register of a.com"]

    assert sum(len(check.violations) for check in check_all(found)) == 2


@pytest.mark.timeout(420)
def test_a_billing_run_under_force_bills_every_period_once(temporary: Path) -> None:
    ended = nextbill("chaos", "billing", "--lines", "4000", "--kills", "3", "--json", temporary=temporary, seconds=400)

    told = json.loads(ended.stdout)
    assert (told["problems"], ended.returncode) == ([], 0), ended.stderr
    assert len(told["workers_killed_at_line"]) == 3
    assert told["postgres_stopped_at_line"] is not None
