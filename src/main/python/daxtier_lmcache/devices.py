"""The service's devices as this process sees them: which are mapped, and which mappings may be believed."""

from __future__ import annotations

from dataclasses import dataclass
import logging
import os
import secrets
import threading
import time
from typing import Callable, Optional, Protocol

from .mapping import Mapping, MappingError
from .resp import Reply, ReplyError

log = logging.getLogger(__name__)

_GONE_STATES = frozenset({"failed", "removed", "closed"})
_PROOF_BYTES = 64
_PROOF_LIFETIME_SECONDS = 60
_PROOF_INTERVAL_SECONDS = 1.0


class Control(Protocol):
    """What the devices need of a session."""

    def command(self, *words: bytes) -> Reply: ...

    def descriptor(self, device_id: int) -> int: ...

    @property
    def is_unix(self) -> bool: ...


@dataclass(frozen=True)
class DeviceInfo:
    """One line of DAX.INFO."""

    device_id: int
    path: str
    size_bytes: int
    state: str


@dataclass
class _Device:
    info: DeviceInfo
    mapping: Optional[Mapping]
    is_trusted: bool


class Devices:
    """The devices of one session. Thread-safe.

    A descriptor that came over the Unix socket is the service's own device. A path is not: the service may run on
    another host, or see other files, and then a store would overwrite somebody else's memory. So a mapping made by
    path is not used before a random value that the service stored has been read through it.
    """

    def __init__(self, control: Control, may_map: bool, complain: Callable[[str], None]) -> None:
        self._control = control
        self._may_map = may_map
        self._complain = complain
        self._refreshing = threading.Lock()
        self._devices: dict[int, _Device] = {}
        self._is_over = False
        self._next_proof = 0.0
        self.epoch = ""
        self.slot_bytes = 0

    def infos(self) -> list[DeviceInfo]:
        return [device.info for device in self._devices.values()]

    def mapped_ids(self) -> list[int]:
        return [device_id for device_id in self._devices if self._usable(device_id) is not None]

    def mapping_for(self, device_id: int, offset: int, length: int) -> Optional[Mapping]:
        """The mapping that holds these bytes, or None if they must go over the connection."""
        mapping = self._usable(device_id)
        if mapping is not None and mapping.holds(offset, length):
            return mapping
        device = self._devices.get(device_id)
        if device is None or device.info.size_bytes < offset + length:
            self.refresh()  # added or grown since
        elif device.mapping is not None and not device.is_trusted:
            self._prove_now_and_then()
        mapping = self._usable(device_id)
        return mapping if mapping is not None and mapping.holds(offset, length) else None

    def refresh(self) -> None:
        """Asks the service for its devices, maps new ones and lets go of those that failed or were removed."""
        with self._refreshing:
            epoch, slot_bytes, lines = self._control.command(b"DAX.INFO")
            infos = [DeviceInfo(line[0], os.fsdecode(line[1]), line[2], line[3].decode()) for line in lines]
            old = self._devices
            self.epoch = epoch.decode() if isinstance(epoch, bytes) else str(epoch)
            self.slot_bytes = slot_bytes
            self._devices = {
                info.device_id: self._renewed(info, old.get(info.device_id))
                for info in infos
                if info.state not in _GONE_STATES
            }
            if self._is_over:
                self._devices = {}
        self._prove_now_and_then()

    def let_go(self) -> None:
        """The session is over: unmaps everything as soon as the copies that still run have ended."""
        self._is_over = True  # before the next line, so that a refresh that runs meanwhile sees it after its own
        self._devices = {}

    def _usable(self, device_id: int) -> Optional[Mapping]:
        device = self._devices.get(device_id)
        return device.mapping if device is not None and device.is_trusted else None

    def _renewed(self, info: DeviceInfo, old: Optional[_Device]) -> _Device:
        if old is not None and (old.info.path, old.info.size_bytes) == (info.path, info.size_bytes):
            return _Device(info, old.mapping, old.is_trusted)
        if not self._may_map:
            return _Device(info, None, is_trusted=False)
        reasons = []
        if self._control.is_unix:
            try:
                return _Device(info, self._map_descriptor(info), is_trusted=True)
            except (ReplyError, MappingError) as refusal:
                reasons.append(f"DAX.MAP: {refusal}")
        try:
            return _Device(info, Mapping.of_path(info.path, info.size_bytes), is_trusted=False)
        except MappingError as refusal:
            reasons.append(str(refusal))
        self._complain(f"cannot map {info.path} ({'; '.join(reasons)}): using SET and GET")
        return _Device(info, None, is_trusted=False)

    def _map_descriptor(self, info: DeviceInfo) -> Mapping:
        descriptor = self._control.descriptor(info.device_id)
        try:
            return Mapping(descriptor, info.size_bytes)
        finally:
            os.close(descriptor)

    def _prove_now_and_then(self) -> None:
        """Proves the mappings that are not trusted yet; at most once a second, since it costs round trips."""
        with self._refreshing:
            unproven = {k for k, v in self._devices.items() if v.mapping is not None and not v.is_trusted}
            now = time.monotonic()
            if not unproven or now < self._next_proof:
                return
            self._next_proof = now + _PROOF_INTERVAL_SECONDS
            self._prove(unproven)

    def _prove(self, unproven: set[int]) -> None:
        """Stores random values through the service, which spreads them over its devices, and reads each back."""
        names, tokens = [], []
        try:
            for _ in range(2 * len(self._devices)):
                name, nonce = b"daxtier:proof:" + secrets.token_hex(16).encode(), secrets.token_bytes(_PROOF_BYTES)
                self._control.command(b"SET", name, nonce, b"EX", b"%d" % _PROOF_LIFETIME_SECONDS)
                names.append(name)
                (address,) = self._control.command(b"DAX.LOOKUP", name)
                if address is None:
                    break
                tokens.append(address[3])
                self._judge(address[0], address[1], nonce)
                unproven.discard(address[0])
                if not unproven:
                    break
        except ReplyError as refusal:
            log.debug("no proof for now: %s", refusal)
        finally:
            if tokens:
                self._control.command(b"DAX.UNLOCK", *tokens)
            if names:
                self._control.command(b"DEL", *names)

    def _judge(self, device_id: int, offset: int, nonce: bytes) -> None:
        device = self._devices.get(device_id)
        if device is None or device.mapping is None or device.is_trusted:
            return
        if device.mapping.holds(offset, len(nonce)) and device.mapping.peek(offset, len(nonce)) == nonce:
            device.is_trusted = True
        else:
            device.mapping = None
            self._complain(f"{device.info.path} is not the service's device on this host: using SET and GET")
