"""The benchmarks' own logic, and each of them once, small: that they are right is asserted, never that they are fast."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections import Counter
from pathlib import Path

import pytest

from nextbill_lab.bench import panel
from nextbill_lab.bench.population import Population, Question, difference, expected, key_of, questions
from nextbill_lab.bench.reserve import Reserve
from nextbill_lab.bench.taking import Tally, compare
from nextbill_lab.bench.usage import Usage
from nextbill_lab.bench.validate import written_in_vain, wrong_answers
from nextbill_lab.system import PanelKey
from tests.lab.test_demo import nextbill, temporary

__all__ = ["temporary"]
KEY = PanelKey("npk_1", "nps_1")
SOME = Population(10_000)


def right_answers(asked: list[Question]) -> list[tuple[int, bytes]]:
    return [(200, json.dumps(expected(SOME, one) | {"checked_at": "2026-11-20T12:00:00Z"}).encode()) for one in asked]


def test_a_message_is_the_request_that_a_panel_sends() -> None:
    body = {"license_key": "NP-1", "feature": "create_database"}
    head, _, content = panel.message("http://127.0.0.1:1", panel.VALIDATE, body, key=KEY).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /api/v1/licenses/validate HTTP/1.1"
    assert {"Host: 127.0.0.1:1", "X-API-Key: npk_1", "X-API-Secret: nps_1", f"Content-Length: {len(content)}"} <= set(lines)
    assert json.loads(content) == body


def test_a_signed_message_carries_a_signature_of_these_very_bytes_and_no_secret() -> None:
    head, _, content = panel.message(
        "http://127.0.0.1:1", panel.VALIDATE, {"license_key": "NP-1"}, key=KEY, form="signed", at=1_700_000_000
    ).partition(b"\r\n\r\n")
    signed = f"1700000000\nPOST\n/api/v1/licenses/validate\n{hashlib.sha256(content).hexdigest()}"
    proof = hmac.new(b"nps_1", signed.encode(), hashlib.sha256).hexdigest()
    assert f"X-Signature: {proof}" in head.decode().split("\r\n")
    assert "nps_1" not in head.decode()


def test_keys_look_as_issued_and_never_meet() -> None:
    keys = {key_of(number) for number in range(50_000)}
    assert len(keys) == 50_000
    alphabet = set("23456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert all(key[:3] == "NP-" and len(key) == 17 and set(key[3:].replace("-", "")) <= alphabet for key in keys)


def test_questions_meet_every_answer() -> None:
    chance = random.Random(1)
    reasons = Counter(expected(SOME, one).get("reason", "valid") for one in questions(chance, SOME.count, how_many=5000))
    assert set(reasons) == {"valid", "unknown_license", "suspended", "cancelled", "expired", "quota_exceeded", "unknown_feature"}
    assert reasons["valid"] > 4000


@pytest.mark.parametrize(
    ("member", "lie"),
    [
        ("valid", False),
        ("remaining_quota", 10_001),
        ("remaining_quota", None),
        ("resource", "domains"),
        ("plan", "x"),
        ("expires_at", "2099-01-02T00:00:00Z"),
    ],
)
def test_a_planted_wrong_answer_is_found(member: str, lie: object) -> None:
    asked = [Question(number, "create_database") for number in (4, 5, 6)]
    answers = right_answers(asked)
    assert wrong_answers(SOME, asked, answers) == []
    planted = json.loads(answers[1][1]) | {member: lie}
    found = wrong_answers(SOME, asked, [answers[0], (200, json.dumps(planted).encode()), answers[2]])
    assert len(found) == 1
    assert found[0].startswith("license 5 of 10,000, create_database: " + member)


def test_a_refusal_for_another_reason_a_status_and_no_json_are_wrong() -> None:
    suspended = Question(0, None)
    assert expected(SOME, suspended)["reason"] == "suspended"
    assert difference(expected(SOME, suspended), expected(SOME, Question(1, None)) | {"checked_at": "x"}) == "reason is 'cancelled', not 'suspended'"
    assert "status 503" in wrong_answers(SOME, [suspended], [(503, b"{}")])[0]
    assert "not an object" in wrong_answers(SOME, [suspended], [(200, b"<html>")])[0]
    assert difference(expected(SOME, suspended), expected(SOME, suspended)) == "no checked_at"


def test_the_same_moment_may_be_written_in_two_ways() -> None:
    right = expected(SOME, Question(4, None))
    assert difference(right, right | {"expires_at": "2099-01-01T00:00:00+00:00", "checked_at": "x"}) is None


def test_writes_of_a_validate_are_a_problem() -> None:
    quiet = {"requests": 1000, "rows_written": {"identity_panel_key": 1}, "wal_bytes_per_request": 0.2}
    assert written_in_vain(quiet, licenses=10) == []
    assert "wrote rows" in written_in_vain(quiet | {"rows_written": {"licensing_license": 1000}}, licenses=10)[0]
    assert "write-ahead log" in written_in_vain(quiet | {"wal_bytes_per_request": 120.0}, licenses=10)[0]


def test_a_word_takes_once_however_often_it_is_sent() -> None:
    tally = Tally()
    tally.add("a", "w1", ["taken"], may_refuse=False)
    tally.add("a", "w2", ["known", "taken"], may_refuse=False)
    tally.add("b", "w3", ["refused", "refused"], may_refuse=True)
    assert (tally.taken, tally.refused, tally.asked, tally.twice, tally.problems) == (Counter(a=2), 2, 5, 2, [])
    for word, outcomes in (("twice", ["taken", "taken"]), ("lost", ["known"]), ("no", ["refused"]), ("odd", [None]), ("both", ["taken", "refused"])):
        tally.add("a", word, outcomes, may_refuse=word == "both")
    assert tally.taken == Counter(a=2)
    assert [problem.split(", ")[1].split(":")[0] for problem in tally.problems] == ["twice", "lost", "no", "odd", "both"]


def test_answers_to_reserves_and_reports_are_told_apart() -> None:
    held = {"id": "1", "status": "held", "resource": "databases", "quantity": 1, "remaining_quota": 4}
    reserve, usage = Reserve(), Usage()
    assert [reserve.outcome(status, held, "w") for status in (201, 200, 500)] == ["taken", "known", None]
    assert reserve.outcome(409, {"code": "quota_exceeded", "remaining_quota": 0}, "w") == "refused"
    assert reserve.outcome(409, {"code": "quota_exceeded", "remaining_quota": 3}, "w") is None
    assert reserve.outcome(201, held | {"remaining_quota": -1}, "w") is None
    counted = {"resource": "databases", "used": 1, "applied": True}
    assert [usage.outcome(200, counted | {"applied": applied}, "w") for applied in (True, False, None)] == ["taken", "known", None]
    assert usage.outcome(409, {"code": "usage_below_zero", "used": 0}, "w") == "refused"
    assert usage.outcome(409, {"code": "license_refused"}, "w") is None


@pytest.mark.timeout(240)
def test_a_small_validate_is_right_and_writes_nothing(temporary: Path) -> None:
    ended = nextbill("bench", "validate", "--licenses", "200", "--requests", "100", "--json", temporary=temporary, seconds=220)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["problems"] == []
    (size,) = told["sizes"]
    assert (size["licenses"], size["wrong"]) == (200, 0)
    assert size["checked"] >= 5 * 240
    assert sum(size["written"]["rows_written"].values()) <= 1
    assert all(line["r"] > 0 for line in size["costs"])
    assert list(temporary.iterdir()) == []


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", ["reserve", "usage"])
def test_a_small_run_leaves_in_the_database_what_was_answered(temporary: Path, name: str) -> None:
    ended = nextbill("bench", name, "--licenses", "200", "--requests", "200", "--json", temporary=temporary, seconds=220)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["problems"] == []
    assert told["contest"] == {"asked": 100, "units": 50, "taken": 50}
    assert told["sent_again"] > 0
    assert set(told["in_the_database"].values()) == {told["taken"]}
    assert told["durable"]["log_flushes"] > 0


@pytest.mark.timeout(240)
def test_kept_connections_are_answered_and_not_lost(temporary: Path) -> None:
    ended = nextbill("bench", "connections", "--count", "100", "--seconds", "3", "--every", "1", "--json", temporary=temporary, seconds=220)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["problems"] == []
    assert told["answers"] >= 100
    assert (told["wrong"], told["lost"], set(told["statuses"])) == (0, 0, {"200"})


def test_what_differs_between_answers_and_database_is_told() -> None:
    class Ledger:
        def rows(self, _statement: str) -> list[tuple[object, ...]]:
            return [("a", 3), ("c", 1)]

    totals, problems = compare(Ledger(), Reserve(), Counter(a=3, b=2), contested={"units": 5, "taken": 6})
    assert totals == {"quotas": 4, "reservations": 4}
    assert problems[0] == "5 units were there to take, 6 were taken"
    assert problems[1:3] == ["license b: 2 answered as taken, 0 in quotas", "license c: 0 answered as taken, 1 in quotas"]


@pytest.mark.timeout(240)
def test_the_billing_run_is_right_while_it_is_measured(temporary: Path) -> None:
    ended = nextbill("bench", "billing", "--due", "300", "--due", "500", "--json", temporary=temporary, seconds=220)

    told = json.loads(ended.stdout)
    assert (told["problems"], ended.returncode) == ([], 0), ended.stderr
    assert [one["size"] for one in told["sizes"]] == [300, 500]
    assert all(one["worker"] > 0 and one["postgres"] > 0 for one in told["sizes"])
