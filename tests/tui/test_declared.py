"""A full filestore is declared larger from its finding by keyboard, and taken back, over the embedded fleet."""

from __future__ import annotations

from pathlib import Path

from tests.tui.test_homes_moved import settled
from tests.tui.test_looks import demo


async def test_a_full_filestore_is_declared_larger_and_put_back(tmp_path: Path) -> None:
    async with demo(record=tmp_path) as seen:
        root = seen.app.state.root
        assert root is not None
        file = Path(root).parent.parent / "terraform/gcp/projects/reef.tfvars"
        before = file.read_bytes()
        await seen.stand_on("reef/coral")
        await seen.press("m")
        await settled(seen)
        assert seen.lines[0].startswith(" GROW   reef/coral/storage-quota-home-nfs")
        assert "the disk of coral/storage-quota-home-nfs:" in seen.text
        await seen.press("d")
        assert '+  "coral"  = { size = 230, name_suffix = "coral" }' in seen.text
        await seen.press("K", "G")
        assert "terraform -chdir=terraform/gcp apply" in seen.text
        # No permission is asked for: nothing but a file of this machine changes.
        await seen.press("K", "enter", "enter")
        await settled(seen)
        assert "verified: terraform/gcp/projects/reef.tfvars declares it; it grows" in " ".join(seen.text.split())
        assert "read-only" in seen.lines[0]
        assert b'"coral"  = { size = 230' in file.read_bytes()
        await seen.press("u")
        await settled(seen)
        await seen.press("enter", "enter")
        await settled(seen)
        assert file.read_bytes() == before
