"""Let reading, pseudonymising and writing go on side by side; what waits in between is bounded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

Item = TypeVar("Item")

_WAITING = 2
_POLL_SECONDS = 0.1
_END = object()


def read_ahead(items: Callable[[], Iterator[Item]]) -> Iterator[Item]:
    """The items of an iterator that runs in a thread of its own. Its errors are raised here."""
    queue: Queue[object] = Queue(_WAITING)
    stopped = threading.Event()

    def fill() -> None:
        try:
            for item in items():
                if not _put(queue, item, stopped):
                    return
            _put(queue, _END, stopped)
        except BaseException as error:
            _put(queue, error, stopped)

    thread = threading.Thread(target=fill, daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()


class WriteBehind(Generic[Item]):
    """Hands items to a function that runs in a thread of its own. Its error is raised at the end.

    Args:
        write: called with each item, in order.
    """

    def __init__(self, write: Callable[[Item], None]) -> None:  # noqa: D107
        self._write = write
        self._queue: Queue[object] = Queue(_WAITING)
        self._stopped = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Hand over an item; waits while too many wait already."""
        if not _put(self._queue, item, self._stopped) and self._error:
            raise self._error

    def close(self) -> None:
        """Wait until all is written."""
        _put(self._queue, _END, self._stopped)
        self._thread.join()
        if self._error:
            raise self._error

    def abandon(self) -> None:
        """Stop as soon as may be."""
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        try:
            while not self._stopped.is_set():
                try:
                    item = self._queue.get(timeout=_POLL_SECONDS)
                except Empty:
                    continue
                if item is _END:
                    return
                self._write(item)  # type: ignore[arg-type]
        except BaseException as error:
            self._error = error
            self._stopped.set()


def _put(queue: Queue[object], item: object, stopped: threading.Event) -> bool:
    while not stopped.is_set():
        try:
            queue.put(item, timeout=_POLL_SECONDS)
            return True
        except Full:
            continue
    return False
