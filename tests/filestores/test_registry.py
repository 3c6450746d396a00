from __future__ import annotations

import subprocess
import sys

import pytest

from providers.filestores import registry


def test_home_nfs_is_on_offer():
    assert "home-nfs" in registry.names()


def test_every_backend_answers_to_its_registry_name():
    assert [backend.name for backend in registry.backends()] == list(registry.names())


def test_chosen_backends_come_in_the_order_asked_for():
    assert [backend.name for backend in registry.backends(["home-nfs"])] == ["home-nfs"]
    assert registry.backends([]) == ()


def test_an_unknown_name_says_what_there_is_and_how_to_get_more():
    with pytest.raises(registry.UnknownBackend) as caught:
        registry.backend("ceph")
    assert "'ceph'" in str(caught.value)
    assert "home-nfs" in str(caught.value)
    assert registry.GROUP in str(caught.value)


def test_a_backend_whose_library_is_missing_says_what_to_install():
    with pytest.raises(ImportError, match="pip install no_such_sdk"):
        registry.backend("ceph", built_in={"ceph": "no_such_sdk.adapter:Ceph"})


def test_names_are_told_without_importing_a_backend():
    script = (
        "import sys; from providers.filestores import registry; registry.names(); "
        "sys.exit('providers.filestores.home_nfs' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_other_packages_bring_backends_by_entry_point(tmp_path):
    (tmp_path / "cephfs.py").write_text("class Ceph:\n    name = 'ceph'\n")
    info = tmp_path / "cephfs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cephfs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\nceph = cephfs:Ceph\n")
    script = (
        f"import sys; sys.path.append({str(tmp_path)!r}); from providers.filestores import registry; "
        "print(registry.names()[-1], 'cephfs' in sys.modules, registry.backend('ceph').name)"
    )
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "ceph False ceph"
