"""The key string that LMCache's `resp` and `valkey` adapters use, so that all three share one tier."""

from __future__ import annotations

from binascii import hexlify
from typing import Any, Iterable


def encode_key(key: Any) -> bytes:
    """`model@rank@group@hash[@salt]` of an LMCache `ObjectKey`, in UTF-8.

    The rank has at least eight hexadecimal digits, the group as many as it needs; the salt is left out when empty.
    """
    model, chunk = key.model_name.encode(), hexlify(key.chunk_hash)
    encoded = b"%b@%08x@%x@%b" % (model, key.kv_rank, key.object_group_id, chunk)
    return b"%b@%b" % (encoded, key.cache_salt.encode()) if key.cache_salt else encoded


def encode_keys(keys: Iterable[Any]) -> list[bytes]:
    return [encode_key(key) for key in keys]
