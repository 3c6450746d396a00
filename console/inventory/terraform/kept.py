"""What Terraform's variables declare, kept between runs and used again while no file that was read has changed.

Nothing that reads HCL is imported for it then: the offline commands pay for a few file states alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from importlib.util import find_spec
from pathlib import Path

import msgspec

from console.inventory.files import Consulted, Files, unchanged
from console.inventory.snapshot import cache_file, now_ns
from console.inventory.store import read_private, write_private
from console.inventory.terraform.model import DeclaredTerraform


class _Kept(msgspec.Struct, frozen=True):
    """The declarations, by which code they were read, when (wall clock), and from what."""

    code: str
    taken_ns: int
    consulted: tuple[Consulted, ...]
    declarations: tuple[DeclaredTerraform, ...]


def read_terraform(checkout: Path, *, cache_dir: Path | None) -> tuple[DeclaredTerraform, ...]:
    """What `terraform/CLOUD/projects/*.tfvars` of CHECKOUT declare, by file name; nothing where there are none.

    A file that can't be read is a declaration with an error; nothing is raised for it. Templates and files that hold
    secrets are left out. With CACHE_DIR None nothing is kept between runs.
    """
    path = cache_file(cache_dir, checkout, "declared") if cache_dir else None
    kept = _load(path) if path else None
    if kept is not None:
        return kept
    from console.inventory.terraform.read import read_files  # late: brings the whole reader

    taken_ns, files = now_ns(), Files()
    found = read_files(checkout, files, cache_file(cache_dir, checkout, "terraform") if cache_dir else None)
    if path:
        _save(path, _Kept(_code(), taken_ns, files.consulted(), found))
    return found


def _load(path: Path) -> tuple[DeclaredTerraform, ...] | None:
    """What is kept at PATH; None when there is nothing, it is damaged, or something has changed since."""
    content = read_private(path)
    try:
        kept = msgspec.msgpack.decode(content, type=_Kept) if content else None
    except (msgspec.MsgspecError, RecursionError):
        return None
    if kept is None or kept.code != _code() or not unchanged(kept.consulted, taken_ns=kept.taken_ns):
        return None
    return kept.declarations


def _save(path: Path, kept: _Kept) -> None:
    with contextlib.suppress(UnicodeEncodeError):  # a path that is not UTF-8: read anew every time
        write_private(path, msgspec.msgpack.encode(kept))


def _code() -> str:
    """Changes when this package's files do, or python-hcl2's."""
    with os.scandir(Path(__file__).parent) as entries:
        files = sorted((e.name, e.stat().st_size, e.stat().st_mtime_ns) for e in entries if e.name.endswith(".py"))
    spec = find_spec("hcl2")
    parser = str(spec.origin) if spec else "absent"
    return hashlib.blake2b(repr((files, parser)).encode(), digest_size=16).hexdigest()
