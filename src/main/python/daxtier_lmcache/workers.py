"""Threads that do the work, and the place where its results wait for LMCache."""

from __future__ import annotations

import logging
import queue
import threading
from typing import Callable, Generic, Iterator, Optional, Protocol, TypeVar

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class WorkerPool:
    """A fixed number of threads with one queue. Jobs may submit further jobs; none may wait for another."""

    def __init__(self, name: str, count: int) -> None:
        self.count = count
        self._jobs: queue.SimpleQueue[Optional[Callable[[], None]]] = queue.SimpleQueue()
        self._idle = threading.Condition()
        self._outstanding = 0
        self._threads = [
            threading.Thread(target=self._run, name=f"daxtier-{name}-{i}", daemon=True) for i in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Callable[[], None]) -> None:
        with self._idle:
            self._outstanding += 1
        self._jobs.put(job)

    def close(self) -> None:
        """Returns when every job, and every job that those submitted, has run, and the threads have ended."""
        with self._idle:
            self._idle.wait_for(lambda: self._outstanding == 0)
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:
                log.exception("a job failed in a way it should have reported itself")
            finally:
                del job  # it holds the buffers of its task
                with self._idle:
                    self._outstanding -= 1
                    if self._outstanding == 0:
                        self._idle.notify_all()


class Countdown:
    """Calls `then` once, in the thread of the last of `count` parts. Thread-safe."""

    def __init__(self, count: int, then: Callable[[], None]) -> None:
        self._left = count
        self._then = then
        self._guard = threading.Lock()

    def part_done(self) -> None:
        with self._guard:
            self._left -= 1
            is_last = self._left == 0
        if is_last:
            self._then()


class Notifier(Protocol):
    """An eventfd, or what stands for it."""

    def fileno(self) -> int: ...

    def notify(self) -> None: ...

    def close(self) -> None: ...


class Completions(Generic[Result]):
    """The results of one kind of task, each handed out once. Thread-safe."""

    def __init__(self, task_ids: Iterator[int], notifier: Notifier) -> None:
        self.notifier = notifier
        self._guard = threading.Lock()
        self._ids = task_ids  # an itertools.count, which is atomic
        self._results: dict[int, Result] = {}
        self._in_flight = 0

    def __len__(self) -> int:
        """How many tasks have begun and not ended."""
        return self._in_flight

    def begin(self) -> int:
        with self._guard:
            self._in_flight += 1
            return next(self._ids)

    def end(self, task_id: int, result: Result, announce: Callable[[], None] = lambda: None) -> None:
        """Publishes the result, tells others by `announce`, and only then wakes whoever waits for the event."""
        with self._guard:
            self._results[task_id] = result
            self._in_flight -= 1
        try:
            announce()
        except Exception:
            log.exception("a listener failed")
        finally:
            self.notifier.notify()

    def take(self, task_id: int) -> Optional[Result]:
        with self._guard:
            return self._results.pop(task_id, None)

    def take_all(self) -> dict[int, Result]:
        with self._guard:
            taken, self._results = self._results, {}
            return taken
