"""Builds the plugin's wheel with the standard library alone, so that a build needs no network.

A PEP 517 backend for `pip install src/main/python`, and a program for the Maven build:

    python3 wheel_backend.py FOLDER MAVEN_VERSION

which prints the wheel's path, and fails if the two versions do not agree. The same sources make the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
import sys
import zipfile

_HERE = Path(__file__).parent
_PACKAGE = "daxtier_lmcache"
_TIMESTAMP = (2026, 11, 24, 0, 0, 0)


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    """The PEP 517 hook: writes the wheel and returns its name."""
    project = _project()
    stem = f"{_PACKAGE}-{project['version']}"
    info = f"{stem}.dist-info"
    files = {str(path.relative_to(_HERE)): path.read_bytes() for path in sorted((_HERE / _PACKAGE).glob("*.py"))}
    files[f"{info}/METADATA"] = _metadata(project).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: daxtier\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = f"{info}/RECORD"
    files[record] = "".join([*map(_record_line, files.items()), f"{record},,\n"]).encode()
    name = f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, _TIMESTAMP)
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return name


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    raise NotImplementedError("the sources are in the repository; build a wheel")


def _project() -> dict:
    import tomllib  # Python 3.11

    return tomllib.loads((_HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _metadata(project: dict) -> str:
    return (
        "Metadata-Version: 2.4\n"
        f"Name: {project['name']}\n"
        f"Version: {project['version']}\n"
        f"Summary: {project['description']}\n"
        f"License-Expression: {project['license']}\n"
        f"Keywords: {','.join(project['keywords'])}\n"
        f"Requires-Python: {project['requires-python']}\n"
    )


def _record_line(file: tuple[str, bytes]) -> str:
    path, content = file
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(content)}\n"


def _main(folder: str, maven_version: str) -> None:
    version = _project()["version"]
    if version != maven_version.replace("-SNAPSHOT", ".dev0"):
        sys.exit(f"pyproject.toml has version {version}, pom.xml {maven_version}")
    Path(folder).mkdir(parents=True, exist_ok=True)
    print(Path(folder) / build_wheel(folder))


if __name__ == "__main__":
    _main(*sys.argv[1:])
