"""The same promises inside TLS: no stranger, one deadline, nothing before the last check."""

import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shiftbell.errors import NotDelivered, OutcomeUnknown, WithdrawnAtTheLastMoment
from shiftbell.ringcentral.wire import Wire
from tests.ringcentral.peer import PATIENCE_SECONDS, Guest, Peer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that no authority has signed, with its key, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    begins = datetime.now(UTC) - timedelta(hours=1)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(private + signed.public_bytes(pem))
    return path


@pytest.fixture
def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_side(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def dispatch(wire: Wire, seconds: float = 5.0, last_check=lambda: None):
    request = wire.request("POST", "/sms", "Bearer x", body={"text": "Dock 4."})
    return wire.dispatch(request, deadline=time.monotonic() + seconds, last_check=last_check)


def test_a_text_travels_inside_tls(server_side, client_side):
    def manners(guest: Guest) -> None:
        guest.read_request()
        guest.answer(b'{"id": 1}')

    with Peer(manners, tls=server_side) as peer, Wire(peer.url, ssl_context=client_side) as wire:
        assert dispatch(wire).json() == {"id": 1}


def test_a_stranger_gets_no_token(server_side):
    with Peer(Guest.read_request, tls=server_side) as peer, Wire(peer.url) as wire:
        with pytest.raises(NotDelivered, match="CERTIFICATE_VERIFY_FAILED"):
            dispatch(wire)
        assert peer.done.wait(PATIENCE_SECONDS)
    assert peer.guests == []


def test_the_last_check_stands_between_handshake_and_request(server_side, client_side):
    def check() -> None:
        assert peer.accepted.wait(PATIENCE_SECONDS)
        raise WithdrawnAtTheLastMoment("The shift was just filled.")

    with Peer(Guest.read_request, tls=server_side) as peer:
        wire = Wire(peer.url, ssl_context=client_side)
        with wire, pytest.raises(WithdrawnAtTheLastMoment):
            dispatch(wire, last_check=check)
        assert peer.done.wait(PATIENCE_SECONDS)
    assert [guest.said for guest in peer.guests] == [b""]


def test_the_deadline_holds_inside_tls(server_side, client_side):
    def manners(guest: Guest) -> None:
        guest.read_request()
        guest.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b" " * 400)

    with Peer(manners, tls=server_side) as peer, Wire(peer.url, ssl_context=client_side) as wire:
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            dispatch(wire, seconds=0.8)
        assert time.monotonic() - began < 4.0
