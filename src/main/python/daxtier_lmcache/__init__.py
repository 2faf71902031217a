"""Daxtier as an L2 tier of LMCache: `{"type":"plugin","module_path":"daxtier_lmcache","class_name":"DaxtierL2Adapter"}`.

The adapter is imported when it is asked for, so that everything else works (and is tested) without LMCache.
"""

from typing import Any

__all__ = ["DaxtierL2Adapter", "DaxtierL2AdapterConfig"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import adapter

        return getattr(adapter, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
