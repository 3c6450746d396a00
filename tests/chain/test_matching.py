from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.chain.addresses import is_below, normal_host, normal_path, same_host, same_path
from console.chain.filestores import FilestoreGap, FilestoreInventory
from console.chain.matching import Match, Matcher, shape_of
from providers.errors import ProviderError
from providers.filestores.protocol import Filestore, FilestoreListing
from tests.chain.builders import store

ALL = ("home-nfs", "gcp-filestore", "aws-efs", "azure-files")
EFS = "fs-0a1b2c3d.efs.us-west-2.amazonaws.com"
NFS = ("storage-quota-home-nfs", "prod")


def ask(server: str, path: str = "/homes/prod", *stores: Filestore, provider: str = "gcp",
        services: dict[tuple[str, str], str] | None = None, gaps: tuple[FilestoreGap, ...] = (),
        listed: tuple[str, ...] = ALL, known: bool = True) -> Match:  # fmt: skip
    inventory = FilestoreInventory(filestores=stores, listed=listed, gaps=gaps)
    return Matcher(
        provider=provider, inventory=inventory, services=services or {}, services_known=known
    ).match(server, path)  # fmt: skip


def home_nfs(ip: str = "10.3.0.7", *, service: tuple[str, str] = NFS) -> Filestore:
    name, namespace = service
    addresses = (ip, f"{name}.{namespace}.svc.cluster.local", f"{name}.{namespace}.svc")
    return store(f"home-nfs/{namespace}", address=addresses, exports=("/export",), backend="home-nfs")


def test_gcp_by_ip_and_share():
    found = ask("10.2.0.2", "/homes/prod", store("other", address="10.2.0.9"), store())
    assert (found.verdict, found.filestore.id) == ("matched", "homes-nfs")
    assert found.reason == "10.2.0.2 is an address of homes-nfs, and /homes is its share"


def test_an_ip_with_another_share_is_told_as_that():
    found = ask("10.2.0.2", "/homes2/prod", store())
    assert found.verdict == "wrong-export"
    assert found.reason == "10.2.0.2 is an address of homes-nfs, but it exports /homes, not /homes2/prod"


@pytest.mark.parametrize(
    "server", [EFS, EFS.upper(), EFS + ".", "us-west-2a." + EFS, EFS + ".cn", "10.0.3.4"], ids=str.lower
)
def test_efs_by_id_or_mount_target(server):
    efs = store("fs-0a1b2c3d", address=(EFS, "10.0.3.4"), exports=("/",), backend="aws-efs")
    found = ask(server, "/prod", efs, provider="aws")
    assert (found.verdict, found.backend) == ("matched", "aws-efs")


def test_efs_of_another_id_is_unknown():
    efs = store("fs-0a1b2c3d", address=EFS, exports=("/",), backend="aws-efs")
    assert ask(EFS.replace("0a1b", "ffff"), "/", efs, provider="aws").verdict == "unknown"


@pytest.mark.parametrize(
    "server",
    [
        "acct1.file.core.windows.net",
        "ACCT1.privatelink.file.core.windows.net",
        "acct1.file.core.usgovcloudapi.net",
        "acct1.file.core.chinacloudapi.cn",
    ],
)
def test_azure_by_account_and_share(server):
    shares = [
        store(share, address="acct1.file.core.windows.net", exports=(f"/acct1/{share}",), backend="azure-files")
        for share in ("homes", "scratch")
    ]
    found = ask(server, "/acct1/homes/prod", *shares, provider="azure")
    assert (found.verdict, found.filestore.id) == ("matched", "homes")
    assert ask(server, "/acct1/gone/prod", *shares[:1], provider="azure").verdict == "wrong-export"


@pytest.mark.parametrize(
    "server", ["10.3.0.7", "storage-quota-home-nfs.prod.svc.cluster.local", "storage-quota-home-nfs.prod.svc."]
)
@pytest.mark.parametrize("services", [{NFS: "10.3.0.7"}, {}], ids=["services known", "services not told"])
def test_in_cluster_by_cluster_ip_or_name(server, services):
    found = ask(server, "/export/prod", home_nfs(), provider="aws", services=services, known=bool(services))
    assert (found.verdict, found.backend) == ("matched", "home-nfs")


def test_a_service_that_is_not_there():
    gone = "gone.prod.svc.cluster.local"
    assert ask(gone, "/export", services={NFS: "10.3.0.7"}).verdict == "no-service"
    assert ask(gone, "/export", services={NFS: "10.3.0.7"}, known=False).verdict != "no-service"


def test_several_hits_are_ambiguous_and_none_is_chosen():
    found = ask("10.2.0.2", "/homes/prod", store("b"), store("a"))
    assert (found.verdict, found.filestore) == ("ambiguous", None)
    assert [each.id for each in found.filestores] == ["a", "b"]


def test_a_gap_in_the_inventory_is_undetermined():
    gap = FilestoreGap(backend="gcp-filestore", kind="forbidden", message="may not list instances")
    found = ask("10.2.0.2", gaps=(gap,), listed=("home-nfs",))
    assert (found.verdict, found.reason) == ("undetermined", "gcp-filestore: may not list instances")


def test_a_hit_counts_whatever_else_is_not_known():
    gap = FilestoreGap(backend="gcp-filestore", kind="unreachable", message="europe-west4-c did not answer")
    assert ask("10.2.0.2", "/homes/prod", store(), gaps=(gap,), listed=()).verdict == "matched"


def test_a_gap_elsewhere_does_not_matter():
    gap = FilestoreGap(backend="azure-files", kind="forbidden", message="no")
    assert ask("10.2.0.2", gaps=(gap,), listed=("home-nfs", "gcp-filestore")).verdict == "unknown"


def test_a_cloud_that_was_not_asked_is_told_as_that():
    assert ask("10.2.0.2", listed=("home-nfs",)).verdict == "unasked"
    assert ask(EFS, provider="aws", listed=("home-nfs",)).reason == "aws-efs was not asked"


def test_a_cluster_whose_cloud_its_context_does_not_tell_says_which_setting_does():
    found = ask("acct1.file.core.windows.net", "/acct1/homes", provider="kubeconfig", listed=("home-nfs",))
    assert (found.verdict, found.backend) == ("unasked", "azure-files")
    assert "set subscription under [accounts.CLUSTER] in settings.toml" in found.reason


def test_without_inventory_nothing_is_determined():
    found = Matcher(provider="gcp", inventory=None, services={}).match("10.2.0.2", "/homes")
    assert found.verdict == "unasked"


def test_no_server_no_match():
    assert ask("", "/homes/prod", store()).verdict == "none"


@pytest.mark.parametrize(
    ("server", "provider", "backend"),
    [
        (EFS, "gcp", "aws-efs"),
        ("acct1.file.core.windows.net", "kubeconfig", "azure-files"),
        ("x.y.svc", "aws", "home-nfs"),
        ("10.2.0.2", "gcp", "gcp-filestore"),
        ("10.2.0.2", "aws", "aws-efs"),
        ("10.2.0.2", "azure", "unknown"),
        ("10.2.0.2", "kubeconfig", "unknown"),
        ("nas.example.org", "gcp", "unknown"),
    ],
)
def test_what_an_address_alone_says(server, provider, backend):
    assert shape_of(server, provider) == backend


def test_inventory_tells_apart_refused_partial_and_complete():
    inventory = FilestoreInventory.of(
        {
            "home-nfs": FilestoreListing(filestores=(store("a"),)),
            "gcp-filestore": FilestoreListing(filestores=(store("b"),), unreachable=("europe-west4-c",)),
            "aws-efs": ProviderError("unauthorized", "token expired", next_step="aws sso login"),
        }
    )
    assert [each.id for each in inventory.filestores] == ["a", "b"]
    assert inventory.listed == ("home-nfs",)
    assert inventory.unknown == "gcp-filestore: europe-west4-c did not answer; aws-efs: token expired"
    gap = inventory.gap("aws-efs")
    assert gap is not None
    assert (gap.kind, gap.next_step) == ("unauthorized", "aws sso login")


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=8)
ips = st.ip_addresses(v=4).map(str)
parts = st.lists(st.text("abCD._-1", min_size=1, max_size=5).filter(lambda part: part not in (".", "..")), max_size=4)
stores = st.lists(
    st.builds(
        lambda number, address, share: store(f"s{number}", address=address, exports=(f"/{share}",)),
        st.integers(0, 10_000),
        st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
        st.sampled_from(["homes", "data"]),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)


@given(stores, st.randoms(use_true_random=False), st.sampled_from(["10.0.0.1", "10.0.0.4"]))
def test_the_order_of_filestores_does_not_matter(listed, random, server):
    shuffled = list(listed)
    random.shuffle(shuffled)
    one, other = ask(server, "/homes/x", *listed), ask(server, "/homes/x", *shuffled)
    assert (one.verdict, one.reason, one.filestores) == (other.verdict, other.reason, other.filestores)


@given(stores)
def test_never_one_of_several(listed):
    found = ask("10.0.0.1", "/homes/x", *listed)
    fitting = [each for each in listed if each.addresses == ("10.0.0.1",) and each.exports == ("/homes",)]
    if len(fitting) == 1:
        assert found.filestore == fitting[0]
    if len(fitting) > 1:
        assert found.verdict == "ambiguous"
        assert found.filestore is None


@given(stores, ips)
def test_an_address_of_no_filestore_never_matches(listed, server):
    if server not in {address for each in listed for address in each.addresses}:
        assert ask(server, "/homes/x", *listed).verdict == "unknown"


@given(ips | names.map(lambda name: f"{name}.Example.ORG."))
def test_normalising_a_host_twice_changes_nothing(host):
    assert normal_host(normal_host(host)) == normal_host(host) == normal_host(f" {host.upper()} ")


@given(st.ip_addresses(v=6))
def test_ipv6_in_any_spelling_is_one_host(address: ipaddress.IPv6Address):
    assert normal_host(address.exploded.upper()) == normal_host(f"[{address.compressed}]")


@given(parts, st.integers(1, 3))
def test_slashes_collapse_and_case_stays(segments, slashes):
    path = "/" * slashes + ("/" * slashes).join(segments) + "/" * slashes
    assert normal_path(path) == "/" + "/".join(segments)
    assert same_path(path, normal_path(path))


@given(parts, parts)
def test_below_is_by_whole_segments(base, rest):
    export, path = "/" + "/".join(base), "/" + "/".join([*base, *rest])
    assert is_below(path, export)
    if base:
        assert not is_below(f"{export}x", export)


def test_a_cluster_ip_is_its_service_name():
    services = {NFS: "10.3.0.7"}
    assert same_host("10.3.0.7", "storage-quota-home-nfs.prod.svc.cluster.local", services)
    assert same_host("storage-quota-home-nfs.prod.svc", "STORAGE-quota-home-nfs.prod.svc.cluster.local.", {})
    assert not same_host("10.3.0.8", "storage-quota-home-nfs.prod.svc", services)
