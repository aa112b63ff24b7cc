"""A letter leaves this machine in TLS, to the server that was meant, or not at all."""

import ssl

import pytest
from pydantic import SecretStr

from shiftbell.config import SmtpServer, Tls
from shiftbell.errors import MailUnavailable
from shiftbell.mail.smtp import Smtp
from shiftbell.simulator.mail import MailServer
from tests.certificates import certificate
from tests.mail.desk import NOW, SENDER, letter
from tests.ringcentral.peer import Guest, Peer


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server_side(pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.fixture
def client_side(pem):
    return ssl.create_default_context(cafile=str(pem))


def send(port, tls, context, host="localhost", user=""):
    server = SmtpServer(host, port, tls, user, SecretStr("hidden-one" if user else ""))
    Smtp(server, SENDER, ssl_context=context).send(letter(), now=NOW, timeout=10.0)


@pytest.fixture(params=[Tls.STARTTLS, Tls.AT_ONCE])
def served(request, server_side):
    """A server that speaks TLS in one of both manners, and the manner."""
    server = MailServer(
        "localhost",
        login=("ana", "hidden-one"),
        tls=server_side,
        tls_at_once=request.param is Tls.AT_ONCE,
    )
    server.start()
    yield server, request.param
    server.stop()


def test_a_letter_and_a_login_travel_inside_tls(served, client_side):
    server, tls = served
    send(server.port, tls, client_side, user="ana")
    assert len(server.mails.all()) == 1


def test_a_stranger_gets_neither_a_letter_nor_a_login(served):
    server, tls = served
    with pytest.raises(
        MailUnavailable, match=r"SSLCertVerificationError at the greeting: self.signed"
    ):
        send(server.port, tls, None, user="ana")
    assert server.mails.all() == []


def test_a_certificate_of_another_name_is_a_strangers(served, client_side):
    server, tls = served
    with pytest.raises(MailUnavailable, match="SSLCertVerificationError"):
        send(server.port, tls, client_side, host="127.0.0.1", user="ana")
    assert server.mails.all() == []


def test_nothing_is_said_in_the_clear_where_tls_is_asked_for(client_side):
    heard = []

    def manners(guest: Guest) -> None:
        reader = guest.conn.makefile("rb")
        guest.conn.sendall(b"220 hello\r\n")
        heard.append(reader.readline())
        guest.conn.sendall(b"250-mail.example.com\r\n250 AUTH PLAIN\r\n")
        heard.append(reader.readline())

    with Peer(manners) as peer:
        port = int(peer.url.rpartition(":")[2])
        with pytest.raises(MailUnavailable, match="offers no STARTTLS"):
            send(port, Tls.STARTTLS, client_side, host="127.0.0.1", user="ana")
    assert heard == [b"ehlo example.com\r\n", b""]
