"""The plugin's options: what stands in `adapter_params`, checked and typed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
import os
from typing import Any, Mapping

_HELP = """Daxtier L2 adapter parameters (all optional):
- unix_socket (str): path of the service's Unix socket (dax.resp.unix-socket); wins over host and port
- host (str): name or address of the service (default "127.0.0.1")
- port (int): RESP port of the service (default 6380)
- username (str), password (str): credentials (default: DAXTIER_USERNAME and DAXTIER_PASSWORD of the environment)
- map_devices (bool): map the service's devices and copy directly; false: SET and GET only (default true)
- num_store_workers (int): threads that copy into the tier (default 1)
- num_lookup_workers (int): threads that look up and unlock (default 1)
- num_load_workers (int): threads that copy out of the tier (default min(4, cpus))
- connection_timeout (float): seconds until a connection attempt is given up (default 5)
- request_timeout (float): seconds without an answer after which the service counts as gone (default 5)
- lock_timeout (float): seconds after which a lookup that nobody unlocked is forgotten; keep it at the
  service's dax.lock-timeout (default 300)
- max_capacity_gb (float): GiB that LMCache's own L2 eviction may fill; 0 leaves eviction to the service (default 0)
"""

_LONGEST_SECONDS = 365 * 24 * 60 * 60
"""As for the times of the service; sockets take no more than some hundred years."""


@dataclass(frozen=True)
class Settings:
    """Where the service is and how many threads work for it. Times are seconds."""

    unix_socket: str = ""
    host: str = "127.0.0.1"
    port: int = 6380
    username: str = ""
    password: str = field(default="", repr=False)
    map_devices: bool = True
    num_store_workers: int = 1
    num_lookup_workers: int = 1
    num_load_workers: int = field(default_factory=lambda: min(4, os.cpu_count() or 1))
    connection_timeout: float = 5.0
    request_timeout: float = 5.0
    lock_timeout: float = 300.0
    max_capacity_gb: float = 0.0

    @staticmethod
    def help() -> str:
        return _HELP

    @property
    def address(self) -> str:
        """The service's address as a person would write it."""
        return self.unix_socket or f"{self.host}:{self.port}"

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Settings:
        """Checks `given`; raises ValueError with a sentence that names the parameter."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(given) - known)
        if unknown:
            raise ValueError(f"unknown parameter {unknown[0]!r}; known are {', '.join(sorted(known))}")
        values = {name: _CHECKS[name](name, value) for name, value in given.items()}
        values.setdefault("username", os.environ.get("DAXTIER_USERNAME", ""))
        values.setdefault("password", os.environ.get("DAXTIER_PASSWORD", ""))
        settings = cls(**values)
        if settings.username and not settings.password:
            raise ValueError("username needs a password")
        return settings


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string")
    return value


def _host(name: str, value: Any) -> str:
    if not _text(name, value).strip():
        raise ValueError(f"{name} must be a non-empty string")
    return value.strip()


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false")
    return value


def _port(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
        raise ValueError(f"{name} must be an integer from 1 to 65535")
    return value


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 256:
        raise ValueError(f"{name} must be an integer from 1 to 256")
    return value


def _seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= _LONGEST_SECONDS:
        raise ValueError(f"{name} must be a positive number of seconds, at most {_LONGEST_SECONDS}")
    return float(value)


def _size(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise ValueError(f"{name} must be a non-negative number")
    return float(value)


_CHECKS = {
    "unix_socket": _text,
    "host": _host,
    "port": _port,
    "username": _text,
    "password": _text,
    "map_devices": _flag,
    "num_store_workers": _count,
    "num_lookup_workers": _count,
    "num_load_workers": _count,
    "connection_timeout": _seconds,
    "request_timeout": _seconds,
    "lock_timeout": _seconds,
    "max_capacity_gb": _size,
}
