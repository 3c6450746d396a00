from __future__ import annotations

import subprocess
import sys

import pytest

from providers.filestores import registry
from providers.filestores.emulators import EMULATORS


def test_home_nfs_is_on_offer():
    assert "home-nfs" in registry.names()


def test_every_backend_answers_to_its_registry_name():
    assert [registry.backend(name).name for name in registry.names()] == list(registry.names())
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


def test_a_cloud_is_imported_by_the_first_cluster_of_its_own_alone():
    script = (
        "import asyncio, sys; from datetime import UTC, datetime; from providers.filestores import registry\n"
        "from providers.filestores.protocol import FilestoreScope\n"
        "def loaded(): return sorted(name.split('.')[2] for name in sys.modules if name.endswith('.backend'))\n"
        "def scope(of): return FilestoreScope(cluster='c', provider=of, account={}, observation=None,\n"
        "    now=datetime.now(UTC))\n"
        "async def ask(of):\n"
        "    for backend in registry.backends(registry.CLOUDS):\n"
        "        try: print(backend.name, await backend.list_filestores(scope(of)))\n"
        "        except Exception as error: print(backend.name, error.kind)\n"
        "asyncio.run(ask('kubeconfig')); print(loaded()); asyncio.run(ask('aws')); print(loaded())\n"
    )
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    lines = run.stdout.splitlines()
    assert all(line.endswith("FilestoreListing(filestores=(), unreachable=(), refused=())") for line in lines[:3])
    assert (lines[3], lines[5], lines[7]) == ("[]", "aws-efs no_context", "['aws_efs']")


def test_every_cloud_may_be_emulated_and_is_served_to_its_own_clusters():
    assert set(EMULATORS) == set(registry.CLOUDS) < set(registry.BUILT_IN)
    assert registry.serves("aws-efs", "aws")
    assert not registry.serves("aws-efs", "gcp")
    assert registry.serves("home-nfs", "gcp")
