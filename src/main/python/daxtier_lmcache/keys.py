"""The key string that LMCache's `resp` and `valkey` adapters use, so that all three share one tier."""

from __future__ import annotations

from typing import Any, Iterable

_SEPARATOR = "@"


def encode_key(key: Any) -> bytes:
    """`model@rank@group@hash[@salt]` of an LMCache `ObjectKey`, in UTF-8.

    The rank has at least eight hexadecimal digits, the group as many as it needs; the salt is left out when empty.
    """
    fields = [key.model_name, f"{key.kv_rank:08x}", f"{key.object_group_id:x}", key.chunk_hash.hex()]
    if key.cache_salt:
        fields.append(key.cache_salt)
    return _SEPARATOR.join(fields).encode()


def encode_keys(keys: Iterable[Any]) -> list[bytes]:
    return [encode_key(key) for key in keys]
