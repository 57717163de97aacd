"""The lab's own parts: what it measures with must itself be right."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from nextbill_lab import cpu, system
from nextbill_lab.bench import hammer, memory, reference
from nextbill_lab.bench.figures import cost, per, percentile
from nextbill_lab.bench.meters import Meter, parts
from nextbill_lab.bench.purchase import Round, report
from nextbill_lab.customer import one_time_link, progress, token_in
from nextbill_lab.demo import shown
from nextbill_lab.others import signature
from nextbill_lab.system import SOURCES, PanelKey
from nextbill_lab.timeline import Entry, Timeline, line
from nextbill_lab.trouble import Missing, Refused

FACTS = {
    "api": "http://127.0.0.1:1",
    "mailbox": "http://127.0.0.1:2",
    "pids": {"api": 10, "worker": 11},
    "data": "/nowhere",
    "logins": [
        {"role": "customer", "email": "c@example.com", "password": "x"},
        {"role": "admin", "email": "a@example.com", "password": "very-secret"},
    ],
    "panel_key": {"key_id": "npk_1", "secret": "nps_1"},
}


def test_a_line_of_the_timeline_fits_80_columns_whatever_it_tells() -> None:
    for note in ("", "short", "x" * 300):
        text = line(Entry("n", "Confirm the address by mail", note, 123.456), width=80).plain
        assert len(text) <= 80
        assert text.rstrip().endswith("123.46 s")


def test_a_step_that_fails_is_kept_as_failed_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    timeline = Timeline(console=Console(stderr=True, width=80))
    with pytest.raises(Missing), timeline.step("pay", "Pay"):
        raise Missing("the page")
    assert timeline.entries[0].state == "failed"
    assert list(timeline.seconds) == ["pay"]
    assert "failed" in capsys.readouterr().err


def test_a_quiet_timeline_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    timeline = Timeline(quiet=True)
    with timeline.step("pay", "Pay"):
        pass
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


@pytest.mark.parametrize(
    ("amount", "text"), [(11399, "113.99 USD"), (5, "0.05 USD"), (0, "0.00 USD"), (-1250, "-12.50 USD")], ids=["usual", "cents", "nothing", "back"]
)
def test_money_is_shown_in_whole_units(amount: int, text: str) -> None:
    assert shown({"amount": amount, "currency": "USD"}) == text


def test_tokens_are_found_in_both_kinds_of_links() -> None:
    assert token_in("http://127.0.0.1:1/verify-email?token=a%2Bb") == "a+b"
    assert token_in("http://127.0.0.1:1/welcome/tok") == "tok"
    assert one_time_link({"links": ["http://x/panel", "http://x/welcome/tok"]}) == "http://x/welcome/tok"
    assert one_time_link({"links": ["http://x/panel?next=/welcome/"]}) is None


def test_progress_names_each_line_and_its_reason() -> None:
    lines = [{"kind": "hosting", "state": "delivered", "reason": None}, {"kind": "domain", "state": "parked", "reason": "no_funds"}]
    assert progress({"lines": lines}) == "hosting delivered, domain parked (no_funds)"


def test_a_refusal_tells_call_code_and_fields() -> None:
    problem = {"code": "invalid", "detail": "See fields.", "fields": [{"field": "items", "message": "add a plan"}], "correlation_id": "c1"}
    refused = Refused("POST /orders", status=422, problem=problem)
    assert str(refused) == "POST /orders answered 422 invalid: See fields.; items: add a plan"
    assert refused.correlation == "c1"


def test_a_panel_signs_time_method_path_and_body() -> None:
    headers = signature(PanelKey("npk_1", "nps_1"), method="POST", path="/api/v1/licenses/validate?x=1", body=b"{}", at=1700000000)
    message = f"1700000000\nPOST\n/api/v1/licenses/validate?x=1\n{hashlib.sha256(b'{}').hexdigest()}"
    assert headers == {
        "X-API-Key": "npk_1",
        "X-Timestamp": "1700000000",
        "X-Signature": hmac.new(b"nps_1", message.encode(), hashlib.sha256).hexdigest(),
    }


def test_a_system_is_read_from_what_it_says_of_itself(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text(json.dumps(FACTS))
    found = system.running(tmp_path)
    staff = found.staff()
    assert staff is not None
    assert staff.email == "a@example.com"
    assert found.panel_key == PanelKey("npk_1", "nps_1")
    assert parts(found, "api", "worker") == {"api": 10, "worker": 11}
    with pytest.raises(Missing, match="postgres"):
        parts(found, "api", "postgres")
    assert "very-secret" not in repr(found)


def test_no_system_is_told_with_the_way_to_one(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no system runs") as told:
        system.running(tmp_path)
    assert "dev.sh" in told.value.where


def test_a_private_system_that_cannot_start_says_why_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(Missing, match="did not start: up.log"), system.private(environment={"PYTHONHOME": "/nonexistent"}):
        pass
    assert list(tmp_path.iterdir()) == []


def test_medians_ratios_and_percentiles() -> None:
    found = cost("x", [100.0, 300.0, 200.0], [50.0, 100.0, 80.0], target_r=2.5)
    assert (found.microseconds, found.r, found.verdict) == (200.0, 2.5, "met")
    assert cost("x", [100.0], [10.0], target_r=2.5).verdict == "missed"
    assert cost("x", [100.0], [10.0]).verdict == ""
    assert [percentile([5, 1, 4, 2, 3], share) for share in (0.5, 0.95, 1.0)] == [3, 5, 5]
    assert percentile([7], 0.95) == 7
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
    assert per({"api": 0.5}, 10) == {"api": 50_000.0}


def test_a_report_of_nothing_delivered_is_still_a_report() -> None:
    spent = dict.fromkeys(("api", "worker", "postgres", "simulators"), 10.0)
    told = report([Round(100.0, spent, spent)], bought=1, concurrency=1, balance={"USD": 0}, problems=["lost"])
    assert (told["delivered"], told["paid_to_delivered_seconds"]["median"]) == (0, None)
    assert told["costs"][0]["r"] == 0.3


def test_cpu_of_children_counts_while_they_live_and_after_they_end() -> None:
    burn = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"
    stay = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}], check=True)\nprint('done', flush=True)\nsys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", stay], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "done\n"
        spent = cpu.of_trees([parent.pid])
        assert cpu.of_trees([parent.pid, parent.pid]) < 2 * spent, "a process named twice counts once"
        assert spent >= 0.3
        assert parent.stdin is not None
        parent.stdin.close()
    assert cpu.of_trees([parent.pid]) == 0


def test_a_meter_sees_what_is_spent_between() -> None:
    meter = Meter({"this": os.getpid()})
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    assert meter.spent()["this"] >= 0.1


def test_memory_at_hand_is_held_and_given_back() -> None:
    before, allowed = _resident_bytes(), os.sched_getaffinity(0)
    with memory.none_at_hand(most_bytes=3 * memory.CHUNK_BYTES) as held:
        # All three were cheap, and nothing was found to be dearer; or two of them, or three, were dear.
        assert held in {0, 2 * memory.CHUNK_BYTES, 3 * memory.CHUNK_BYTES}
        assert abs(_resident_bytes() - before - held) < memory.CHUNK_BYTES // 2
    assert abs(_resident_bytes() - before) < memory.CHUNK_BYTES // 2
    assert os.sched_getaffinity(0) == allowed
    with memory.none_at_hand(most_bytes=0) as held:
        assert held == 0


def test_memory_is_held_up_to_where_it_gets_dear() -> None:
    chunks = memory.DEAR_CHUNKS * len(os.sched_getaffinity(0))
    with memory.none_at_hand(most_bytes=(chunks + 3) * memory.CHUNK_BYTES, dear=0.0) as held:  # any page is
        assert held == chunks * memory.CHUNK_BYTES
    with memory.none_at_hand(most_bytes=2 * memory.CHUNK_BYTES, dear=1e9) as held:  # none is
        assert held == 0


def test_a_limit_of_the_process_ends_the_taking() -> None:
    code = (
        "import resource; from nextbill_lab.bench import memory\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 7 * memory.CHUNK_BYTES // 2, resource.getrlimit(resource.RLIMIT_AS)[1]))\n"
        "with memory.none_at_hand(most_bytes=9 * memory.CHUNK_BYTES) as held: print(held)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(SOURCES)})
    assert int(ended.stdout) <= 4 * memory.CHUNK_BYTES


def test_free_memory_is_what_the_container_may_still_have(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       16000 kB\nMemFree:         4000 kB\nMemAvailable:    9000 kB\n")
    assert memory.free_bytes(meminfo=meminfo, cgroup=tmp_path) == 4000 << 10
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free_bytes(meminfo=meminfo, cgroup=tmp_path) == 4000 << 10
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("2000000\n")
    assert memory.free_bytes(meminfo=meminfo, cgroup=tmp_path) == 1_000_000
    (tmp_path / "memory.current").write_text("3000001\n")
    assert memory.free_bytes(meminfo=meminfo, cgroup=tmp_path) == 0


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_the_hammer_sends_exactly_as_often_as_asked() -> None:
    with reference.serving() as (process, port):
        url = f"http://127.0.0.1:{port}{reference.PATH}"
        volley = await hammer.hammer(url, hammer.request(url), count=103, connections=8)
        missed = await hammer.hammer(url, hammer.request(f"http://127.0.0.1:{port}/nothing?a=1"), count=3, connections=8)
        os.kill(process, signal.SIGKILL)
    assert volley.statuses == {200: 103}
    assert missed.statuses == {404: 3}


def test_requests_carry_length_and_headers() -> None:
    assert hammer.request("http://h:1/a?b=c", headers={"X-Y": "z"}) == b"GET /a?b=c HTTP/1.1\r\nHost: h:1\r\nX-Y: z\r\n\r\n"
    assert hammer.request("http://h:1/a", method="POST", body=b"{}").endswith(b"Content-Length: 2\r\n\r\n{}")
    assert hammer.length_of(b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\nx: y") == 17
    assert hammer.length_of(b"HTTP/1.1 204 No Content\r\nx: y") == 0
