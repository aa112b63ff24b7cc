"""A server of bare sockets that behaves as badly as it is told, and remembers what it read."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

PATIENCE_SECONDS = 10.0

Manners = Callable[["Guest"], None]


class Guest:
    """One connection to the peer, and every byte that came over it."""

    def __init__(self, conn: socket.socket, peer: Peer) -> None:
        self.conn = conn
        self.peer = peer
        self.said = b""

    def read_request(self) -> None:
        """Read one whole request, or as much of it as comes."""
        start = len(self.said)
        while not _is_whole(self.said[start:]):
            chunk = self.conn.recv(65536)
            if not chunk:
                return
            self.said += chunk

    def answer(self, body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> None:
        """Write one whole answer."""
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.conn.sendall(head.encode() + body)

    def drip(self, text: bytes, seconds: float = 0.03) -> None:
        """Write byte by byte, until all is said, the other hangs up or the peer closes."""
        for byte in text:
            if self.peer.closing.wait(seconds):
                return
            self.conn.sendall(bytes([byte]))

    def reset(self) -> None:
        """Cut the connection, so that the other side's next write fails."""
        self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.conn.close()


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return len(body) >= int(value)
    return True


class Peer:
    """Listens on a free port; the n-th connection meets the n-th of `manners`, the last stays."""

    def __init__(self, *manners: Manners, tls: ssl.SSLContext | None = None) -> None:
        self._manners = manners
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.guests: list[Guest] = []
        self.accepted = threading.Event()
        self.done = threading.Event()  # a connection has been served
        self.closing = threading.Event()
        scheme, name = ("https", "localhost") if tls else ("http", "127.0.0.1")
        self.url = f"{scheme}://{name}:{self._listener.getsockname()[1]}"

    def _serve(self) -> None:
        threads: list[threading.Thread] = []
        while not self.closing.is_set():
            try:
                conn, _ = self._listener.accept()
            except OSError:
                break
            manners = self._manners[min(len(threads), len(self._manners) - 1)]
            threads.append(threading.Thread(target=self._meet, args=(conn, manners), daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)

    def _meet(self, conn: socket.socket, manners: Manners) -> None:
        conn.settimeout(PATIENCE_SECONDS)
        try:
            with conn if self._tls is None else self._tls.wrap_socket(conn, server_side=True) as c:
                guest = Guest(c, self)
                self.guests.append(guest)
                self.accepted.set()
                manners(guest)
        except OSError:
            pass
        finally:
            self.done.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        # Closing alone would not wake a thread that is inside accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE_SECONDS)
