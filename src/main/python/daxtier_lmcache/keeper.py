"""Keeps one session alive: connects, watches it, and connects again with back-off after it was lost."""

from __future__ import annotations

from dataclasses import asdict
import logging
import os
import random
import select
import threading
from typing import Any, Optional

from .resp import ConnectionLost, ReplyError
from .session import Session, SessionLost
from .settings import Settings

log = logging.getLogger(__name__)

REFRESH_SECONDS = 5.0
"""How often the list of devices is asked for when nothing else happens."""

_FIRST_DELAY_SECONDS = 0.05
_LONGEST_DELAY_SECONDS = 5.0


class SessionKeeper:
    """Owner of the current session. Thread-safe.

    Its thread sleeps in `poll` on the control connection, so it learns at once that the service has gone: a copy
    into a slot stops at its next piece, long before another service could use the memory.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: Optional[Session] = None
        self._closing = False
        self._last_failure = "not connected yet"
        self._said: set[str] = set()
        self._connects = 0
        self._slot_bytes = 0
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._thread = threading.Thread(target=self._run, name="daxtier-session", daemon=True)

    def start(self) -> None:
        """Connects once in the caller's thread, so that the first operations find a session, and starts to watch."""
        self._connect()
        self._thread.start()

    def session(self) -> Session:
        """The live session; raises SessionLost at once when there is none."""
        session = self._session
        if self._closing or session is None or not session.is_alive:
            raise SessionLost("closing" if self._closing else self._last_failure)
        return session

    @property
    def is_connected(self) -> bool:
        session = self._session
        return not self._closing and session is not None and session.is_alive

    @property
    def reconnects(self) -> int:
        return max(0, self._connects - 1)

    @property
    def last_failure(self) -> Optional[str]:
        """Why there is no session, or None."""
        return None if self.is_connected else self._last_failure

    @property
    def slot_bytes(self) -> int:
        """Of the last session; 0 before the first."""
        return self._slot_bytes

    def device_status(self) -> dict[str, Any]:
        session = self._session
        if session is None:
            return {"epoch": None, "slot_bytes": self._slot_bytes, "devices": []}
        mapped = set(session.devices.mapped_ids())
        return {
            "epoch": session.devices.epoch,
            "slot_bytes": session.devices.slot_bytes,
            "devices": [
                {**asdict(info), "is_mapped": info.device_id in mapped} for info in session.devices.infos()
            ],
        }

    def stop_serving(self) -> None:
        """From now on `session` fails; copies that have one go on."""
        self._closing = True

    def close(self) -> None:
        """Ends the session (after the last copy into a slot) and the thread. Call it once."""
        self._closing = True
        self._nudge()
        if self._thread.is_alive():
            self._thread.join()
        self._drop()
        os.close(self._wake)

    def _nudge(self) -> None:
        """Makes the thread look at what has changed."""
        os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        delay = _FIRST_DELAY_SECONDS
        while not self._closing:
            if self.is_connected:
                delay = _FIRST_DELAY_SECONDS
                self._watch(self._session)
            elif not self._connect():
                self._wait(delay * random.uniform(0.5, 1.0))
                delay = min(2 * delay, _LONGEST_DELAY_SECONDS)

    def _connect(self) -> bool:
        self._drop()
        try:
            session = Session(self._settings, self._complain_once, self._nudge)
        except (ConnectionLost, ReplyError, SessionLost) as failure:
            return self._failed(str(failure))
        except Exception as failure:  # the service speaks nonsense
            return self._failed(repr(failure))
        self._said = {message for message in self._said if not message.startswith("no session")}
        self._session = session
        self._slot_bytes = session.devices.slot_bytes
        self._connects += 1
        log.info(
            "Daxtier at %s: session %s, %d of %d devices mapped",
            self._settings.address,
            "started" if self._connects == 1 else "restored",
            len(session.devices.mapped_ids()),
            len(session.devices.infos()),
        )
        return True

    def _failed(self, failure: str) -> bool:
        self._last_failure = failure
        self._complain_once(f"no session: {failure}; trying again")
        return False

    def _watch(self, session: Session) -> None:
        """Returns when the session is lost or the plugin closes."""
        while session.is_alive and not self._closing:
            events = self._wait(REFRESH_SECONDS, session.fileno())
            if events is None:
                self._refresh(session)
            elif events:
                session.lose("closed by the service")
        if not self._closing:
            self._last_failure = session.failure or "lost"
            log.warning("Daxtier at %s: session lost: %s", self._settings.address, self._last_failure)

    def _refresh(self, session: Session) -> None:
        try:
            session.devices.refresh()
        except SessionLost:
            pass  # the caller sees it
        except Exception as failure:  # refused, or nonsense
            session.lose(f"the devices cannot be asked for: {failure!r}")

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _wait(self, seconds: float, *watched: int) -> Optional[list[int]]:
        """Sleeps until a nudge (returns nothing), the end of a watched connection (returns it), or for so long (None)."""
        poller = select.poll()
        poller.register(self._wake, select.POLLIN)
        for descriptor in watched:
            if descriptor >= 0:
                poller.register(descriptor, select.POLLRDHUP)
        ready = [descriptor for descriptor, _ in poller.poll(seconds * 1000)]
        if self._wake in ready:
            os.eventfd_read(self._wake)
        return [descriptor for descriptor in ready if descriptor != self._wake] if ready else None

    def _complain_once(self, message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            log.warning("Daxtier at %s: %s", self._settings.address, message)
