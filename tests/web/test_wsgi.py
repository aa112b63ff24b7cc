"""Pages may hold only some of the threads; the rest is RingCentral's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from shiftbell.web.webhook import PATH
from shiftbell.web.wsgi import PAGES_MAX, THREADS, with_threads_to_spare

SPARE_MIN = 10


class SlowPages:
    """An application whose pages hang until `let_go`, and whose webhook does not."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.inside = threading.Semaphore(0)
        self.closed = 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            self.inside.release()
            assert self.let_go.wait(30)
        start("200 OK", [])
        return self

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"done"])

    def close(self) -> None:
        self.closed += 1


def get(application: Callable[..., Any], path: str) -> tuple[str, bytes]:
    statuses: list[str] = []
    body = application({"PATH_INFO": path}, lambda status, headers: statuses.append(status))
    return statuses[0], b"".join(body)


def test_pages_that_hang_leave_the_webhook_its_threads() -> None:
    pages = SlowPages()
    application = with_threads_to_spare(pages, pages_max=5)
    with ThreadPoolExecutor(5) as threads:
        hanging = [threads.submit(get, application, "/health") for _ in range(5)]
        for _ in hanging:
            assert pages.inside.acquire(timeout=30)
        assert get(application, PATH) == ("200 OK", b"done")
        status, body = get(application, "/health")
        assert status == "503 Service Unavailable"
        assert b"Try again" in body
        pages.let_go.set()
        assert {each.result() for each in hanging} == {("200 OK", b"done")}
    assert get(application, "/health")[0] == "200 OK"
    assert pages.closed == 7


def test_a_page_that_fails_gives_its_thread_back() -> None:
    def broken(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        raise RuntimeError("broken page")

    application = with_threads_to_spare(broken, pages_max=1)
    for _ in range(3):
        try:
            get(application, "/health")
        except RuntimeError as error:
            assert str(error) == "broken page"


def test_the_server_keeps_threads_to_spare() -> None:
    assert THREADS - PAGES_MAX >= SPARE_MIN
