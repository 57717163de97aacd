"""Tests stay on this machine, but for those that were asked to meet a real vendor."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_HERE = ("127.0.0.1", "::1", "localhost")
_outside: list[bool] = []


@contextmanager
def kept_on_this_machine() -> Iterator[None]:
    """A connection to anywhere but loopback is an error, whoever asks for it."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if not _outside and self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _HERE:
            raise OSError(f"tests stay on this machine; {address[0]} is not")
        real(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]  # the guard itself
    try:
        yield
    finally:
        socket.socket.connect = real  # type: ignore[method-assign]  # and its end


@contextmanager
def reaching_out() -> Iterator[None]:
    _outside.append(True)
    try:
        yield
    finally:
        _outside.pop()
