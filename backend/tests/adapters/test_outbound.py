"""The guarded client against servers that are where they should not be, or answer as they should not."""

from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from nextbill.runtime.outbound import AddressRefused, AnswerTooLarge, check_address, guarded_client
from nextbill_simulators.chassis.serving import serve

pytestmark = pytest.mark.asyncio

PUBLIC = "93.184.215.14"


class Resolver:
    """Answers as it is told, one answer a question; the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def __call__(self, _host: str, _port: int) -> list[str]:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


async def _echo(request: Request) -> Response:
    return JSONResponse({"host": request.headers["host"], "agent": request.headers["user-agent"]})


async def _away(_request: Request) -> Response:
    return RedirectResponse("/echo")


async def _large(_request: Request) -> Response:
    return Response(b"x" * 2000)


async def _packed(_request: Request) -> Response:
    return Response(gzip.compress(b"x" * 100_000), headers={"Content-Encoding": "gzip"})


async def _dripping(_request: Request) -> Response:
    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b"."
            await asyncio.sleep(0.02)

    return StreamingResponse(drops())


@pytest_asyncio.fixture
async def server() -> AsyncIterator[str]:
    pages = {"/echo": _echo, "/away": _away, "/large": _large, "/packed": _packed, "/dripping": _dripping}
    async with serve(Starlette(routes=[Route(path, page) for path, page in pages.items()])) as base_url:
        yield base_url


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::127.0.0.1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[fec0::1]",
        "[ff02::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "[2001:db8::1]",
    ],
)
async def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    url = f"http://{address}:9/"
    with pytest.raises(AddressRefused):
        await check_address(url, allow=())
    async with guarded_client(timeout=2, allow=()) as client:
        with pytest.raises(AddressRefused):
            await client.get(url)


@pytest.mark.parametrize("address", [PUBLIC, "2606:4700::6810:84e5", "64:ff9b::5db8:d70e"])
async def test_public_addresses_pass(address: str) -> None:
    await check_address("https://panel.example.test", allow=(), resolve=Resolver([address]))


@pytest.mark.parametrize(
    "spelled", ["http://localhost:{port}/echo", "http://0x7f000001:{port}/echo", "http://2130706433:{port}/echo", "http://127.1:{port}/echo"]
)
async def test_other_spellings_of_loopback_are_refused(server: str, spelled: str) -> None:
    async with guarded_client(timeout=2, allow=()) as client:
        with pytest.raises(AddressRefused):
            await client.get(spelled.format(port=httpx.URL(server).port))


async def test_a_name_that_leads_elsewhere_the_second_time_is_refused_at_the_connection(server: str) -> None:
    url = f"http://panel.example.test:{httpx.URL(server).port}/echo"
    resolver = Resolver([PUBLIC], ["127.0.0.1"])
    await check_address(url, allow=(), resolve=resolver)
    async with guarded_client(timeout=2, allow=(), resolve=resolver) as client:
        with pytest.raises(AddressRefused):
            await client.get(url)


async def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(AddressRefused):
        await check_address("https://panel.example.test", allow=(), resolve=Resolver([PUBLIC, "10.0.0.5"]))


@pytest.mark.parametrize("allow", [["127.0.0.0/8"], ["127.0.0.1"], ["PANEL.example.test"], ["10.0.0.0/8", "127.0.0.1/32"]])
async def test_the_allow_list_opens_networks_and_hosts_and_the_host_is_kept(server: str, allow: list[str]) -> None:
    port = httpx.URL(server).port
    async with guarded_client(timeout=5, allow=allow, resolve=Resolver(["127.0.0.1"])) as client:
        answer = await client.get(f"http://panel.example.test:{port}/echo")
    assert answer.json() == {"host": f"panel.example.test:{port}", "agent": "NextPanel-Billing"}


async def test_the_allow_list_opens_nothing_beside(server: str) -> None:
    async with guarded_client(timeout=2, allow=["10.0.0.0/8", "other.example.test"]) as client:
        with pytest.raises(AddressRefused):
            await client.get(f"{server}/echo")


async def test_a_mistyped_network_is_an_error_at_start() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.5/8"):
        guarded_client(timeout=2, allow=["10.0.0.5/8"])


@pytest.mark.parametrize(
    "url", ["ftp://example.test/", "https://", "panel.example.test", "https://user:pass@panel.example.test", "file:///etc/passwd", "http://[::1"]
)
async def test_what_is_no_plain_web_address_is_refused_in_the_form(url: str) -> None:
    with pytest.raises(ValueError):
        await check_address(url, allow=(), resolve=Resolver([PUBLIC]))


async def test_an_unknown_name_is_a_connection_that_failed() -> None:
    async def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    async with guarded_client(timeout=2, allow=(), resolve=nowhere) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://panel.example.test/")


async def test_a_resolver_that_hangs_is_a_connection_that_failed() -> None:
    async def hanging(_host: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    async with guarded_client(timeout=0.3, allow=(), resolve=hanging) as client:
        with pytest.raises(httpx.ConnectTimeout):
            await client.get("http://panel.example.test/")


async def test_the_next_address_is_tried_where_one_refuses(server: str) -> None:
    port = httpx.URL(server).port
    async with guarded_client(timeout=5, allow=["127.0.0.0/8"], resolve=Resolver(["127.0.0.9", "127.0.0.1"])) as client:
        assert (await client.get(f"http://panel.example.test:{port}/echo")).status_code == 200


async def test_redirects_are_not_followed(server: str) -> None:
    async with guarded_client(timeout=5, allow=["127.0.0.0/8"]) as client:
        assert (await client.get(f"{server}/away")).status_code == 307


async def test_a_proxy_from_the_environment_is_not_used(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with guarded_client(timeout=5, allow=["127.0.0.0/8"]) as client:
        assert (await client.get(f"{server}/echo")).status_code == 200


async def test_answers_that_are_too_large_or_compressed_are_refused(server: str) -> None:
    async with guarded_client(timeout=5, allow=["127.0.0.0/8"], answer_bytes_max=1999) as client:
        for path in ("large", "packed"):
            with pytest.raises(AnswerTooLarge):
                await client.get(f"{server}/{path}")
    async with guarded_client(timeout=5, allow=["127.0.0.0/8"], answer_bytes_max=2000) as client:
        assert len((await client.get(f"{server}/large")).content) == 2000


async def test_a_server_that_drips_is_cut_off_at_the_deadline(server: str) -> None:
    async with guarded_client(timeout=0.3, allow=["127.0.0.0/8"]) as client:
        with pytest.raises(httpx.ReadTimeout, match="deadline"):
            await client.get(f"{server}/dripping")


async def test_addresses_called_are_not_logged(server: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with guarded_client(timeout=5, allow=["127.0.0.0/8"]) as client:
        await client.get(f"{server}/echo", params={"license_key": "NP-7K4M-Q2XD-9TRW"})
    assert "NP-7K4M-Q2XD-9TRW" not in caplog.text


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path, "panel.example.test"))

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context)
    async with server, guarded_client(timeout=5, allow=["127.0.0.0/8"], resolve=Resolver(["127.0.0.1"])) as client:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get(f"https://panel.example.test:{server.sockets[0].getsockname()[1]}/")


def _self_signed(folder: Path, host: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    plain = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(plain + certificate.public_bytes(serialization.Encoding.PEM))
    return file
