"""What is not observed, not declared or not read yet is said to be that: never missing, never healthy."""

from __future__ import annotations

import pytest

from console.chain.fleet_findings import tree_findings
from console.chain.marks import Mark
from console.chain.model import ClusterError
from console.chain.policy import Policy
from console.inventory.model import Inventory, Origin, Problem, Setting
from providers.kubernetes.objects import NfsSource
from providers.kubernetes.observation import Listing
from tests.chain.builders import (
    ALLUSERS,
    SHARED_RW,
    changed,
    claim,
    cluster,
    codes,
    declared,
    declared_mounts,
    deployment,
    finding,
    forbidden,
    hub,
    inventory,
    job,
    marks,
    observation,
    only,
    origin,
    pod,
    service,
    store,
    values,
    volume,
)

EXPIRED = ClusterError(kind="unauthorized", message="token expired", next_step="aws sso login")


def hidden(resource: str, namespace: str = "") -> Listing:
    return Listing(refusals=(forbidden(resource, namespace),))


@pytest.mark.parametrize(
    ("state", "error", "mark"),
    [
        ("offline", None, "unlooked"),
        ("pending", None, "pending"),
        ("observing", None, "pending"),
        ("failed", EXPIRED, "unobserved"),
    ],
)
def test_without_an_observation_no_link_is_healthy_or_broken(state, error, mark: Mark):
    found = cluster(offline=True, state=state, error=error)
    assert set(marks(only(found)).values()) == {mark}
    assert codes(only(found)) == []
    assert (only(found).pv, only(found).pvc, only(found).pods) == (None, None, None)
    assert all(link.why for link in only(found).links)
    assert only(found).link("pv").declared == ("prod-home-nfs", "noatime,vers=4.1")


def test_a_cluster_that_fails_keeps_what_was_seen_before():
    found = cluster(observation(persistent_volumes=()), state="failed", error=EXPIRED)
    assert codes(found) == ["CLU02"]
    assert codes(only(found)) == ["PV01"]
    assert found.observed_at is not None
    assert found.findings[0].next_step == "aws sso login"


@pytest.mark.parametrize(
    ("field", "resource", "link", "namespace"),
    [
        ("persistent_volumes", "persistentvolumes", "pv", ""),
        ("persistent_volume_claims", "persistentvolumeclaims", "pvc", ""),
        ("persistent_volume_claims", "persistentvolumeclaims", "pvc", "prod"),
        ("hub_values", "secrets", "mounts", ""),
        ("hub_values", "secrets", "mounts", "prod"),
        ("user_pods", "pods", "mounts", ""),
        ("user_pods", "pods", "mounts", "prod"),
    ],
)
def test_a_forbidden_list_hides_its_link_and_no_other(field, resource, link, namespace):
    found = cluster(observation(**{field: hidden(resource, namespace)}))
    assert marks(only(found))[link] == "unobserved"
    assert f"list {resource}" in only(found).link(link).why
    assert {mark for name, mark in marks(only(found)).items() if name != link} <= {"ok", "unlooked"}
    assert codes(found) == ["CLU05"]
    assert codes(only(found)) == []


def test_forbidden_elsewhere_does_not_matter_here():
    found = cluster(observation(persistent_volume_claims=Listing(
        items=(claim(),), refusals=(forbidden("persistentvolumeclaims", "staging"),)
    )))  # fmt: skip
    assert marks(only(found))["pvc"] == "ok"


def test_an_object_that_could_not_be_decoded_is_not_missing():
    found = cluster(observation(persistent_volumes=Listing(unreadable=("prod-home-nfs",)),
                                persistent_volume_claims=Listing(unreadable=("prod/home-nfs",))))  # fmt: skip
    assert (marks(only(found))["pv"], marks(only(found))["pvc"]) == ("unobserved", "unobserved")
    assert codes(only(found)) == []


def test_missing_rights_are_named_together():
    found = cluster(
        observation(persistent_volumes=hidden("persistentvolumes"), hub_values=hidden("secrets"),
                    user_pods=hidden("pods"))
    )  # fmt: skip
    assert found.findings[0].message == "may not list persistentvolumes, secrets and 1 more"
    assert found.findings[0].next_step == "kubectl --context ctx auth can-i list persistentvolumes --all-namespaces"


def test_values_that_are_still_computed_leave_comparisons_pending():
    other = volume(nfs=NfsSource(server="10.9.9.9", path="/else"), mount_options=("vers=3",))
    tree = declared(hub(resolved=False, admin_mounts=declared_mounts(SHARED_RW, ALLUSERS)))
    found = only(cluster(observation(persistent_volumes=(other,), user_pods=()), tree,
                         stores=inventory(store(address="10.9.9.9", exports=("/else",)))))  # fmt: skip
    assert codes(found) == []
    assert (marks(found)["pv"], marks(found)["mounts"]) == ("pending", "pending")
    assert found.declared_allusers.enabled is None


def test_live_trouble_is_told_while_values_are_computed():
    found = only(cluster(observation(persistent_volumes=()), declared(hub(resolved=False))))
    assert codes(found) == ["PV01"]


def test_a_broken_values_file_leaves_comparisons_unobserved():
    problem = Problem(kind="yaml", cluster="earth", hub="prod", origin=origin(), message="tab in line 7")
    found = only(cluster(tree=declared(hub(resolved=False), problems=(problem,))))
    assert (marks(found)["pv"], marks(found)["pvc"]) == ("unobserved", "ok")
    assert "tab in line 7" in found.link("pv").why
    assert codes(found) == ["CFG01"]


def test_homes_off_nfs_are_out_of_the_chain():
    off = declared(hub(nfs_enabled=Setting(False), server=Setting(None), path=Setting(None)))
    bare = observation(persistent_volumes=(), persistent_volume_claims=())
    found = only(cluster(bare, off))
    assert set(marks(found).values()) == {"none"}
    assert (codes(found), found.backend) == ([], "none")


def test_the_older_in_cluster_form_has_a_volume_of_its_class():
    old = hub(in_cluster_nfs=Setting(True), nfs_enabled=Setting(False), server=Setting(None), path=Setting(None))
    made = volume(pv_name="pvc-7f3a", nfs=NfsSource(server="10.3.0.5", path="/export/pvc-7f3a"),
                  persistent_volume_reclaim_policy="Delete")  # fmt: skip
    found = only(
        cluster(
            observation(persistent_volumes=(made,), persistent_volume_claims=(claim(asks="pvc-7f3a"),)),
            declared(old),
            provider="kubeconfig",
        )
    )
    assert codes(found) == []
    assert (found.backend, found.pv.name if found.pv else "") == ("home-nfs", "pvc-7f3a")


def test_a_volume_of_another_name_is_not_missed_while_values_are_read():
    made = volume(pv_name="pvc-7f3a", nfs=NfsSource(server="10.3.0.5", path="/export/pvc-7f3a"))
    seen = observation(persistent_volumes=(made,), persistent_volume_claims=(claim(asks="pvc-7f3a"),))
    found = only(cluster(seen, declared(hub(resolved=False))))
    assert "PV01" not in codes(found)
    assert found.pv is not None
    assert found.pv.name == "pvc-7f3a"


def test_a_hub_that_is_declared_only_is_one_word_not_five_errors():
    bare = observation(persistent_volumes=(), persistent_volume_claims=(), hub_deployments=(), hub_values=(),
                       user_pods=())  # fmt: skip
    found = only(cluster(bare))
    assert codes(found) == ["CFG10"]
    assert set(marks(found).values()) == {"none"}
    assert found.link("pv").why == "declared, not deployed"


def test_what_may_not_be_asked_is_not_called_undeployed():
    found = only(cluster(observation(persistent_volumes=(), persistent_volume_claims=(), hub_values=(), user_pods=(),
                                     hub_deployments=hidden("deployments"))))  # fmt: skip
    assert "CFG10" not in codes(found)


def test_without_a_tree_hubs_are_found_live():
    found = cluster(undeclared=True)
    assert [(each.name, each.declared) for each in found.hubs] == [("prod", None)]
    assert codes(only(found)) == []
    assert marks(only(found)) == {
        "filestore": "ok", "export": "ok", "directory": "unlooked", "pv": "ok", "pvc": "ok", "mounts": "ok",
        "homes": "unlooked",
    }  # fmt: skip
    assert only(found).filestores == ("homes-nfs",)


def test_a_hub_found_live_has_the_claim_that_it_names():
    found = only(
        cluster(
            observation(
                persistent_volumes=(volume(pv_name="homes-pv"),),
                persistent_volume_claims=(claim(claim_name="homes", asks="homes-pv"),),
                hub_values=(values(pvc_name="homes"),),
                user_pods=(),
            ),
            undeclared=True,
        )
    )
    assert (found.pvc.name, found.pv.name) == ("homes", "homes-pv") if found.pvc and found.pv else False


def test_a_live_hub_with_a_disk_for_each_user_is_out_of_the_chain():
    found = only(
        cluster(
            observation(persistent_volumes=(), persistent_volume_claims=(), user_pods=(),
                        hub_values=(values(pvc_name=None, storage_type="dynamic"),)),
            undeclared=True,
        )
    )  # fmt: skip
    assert set(marks(found).values()) == {"none"}
    assert codes(found) == []


def test_what_concerns_a_filestore_stands_on_it_and_on_every_hub():
    hubs = ("prod", "staging")
    found = cluster(
        observation(
            persistent_volumes=tuple(map(volume, hubs)),
            persistent_volume_claims=tuple(map(claim, hubs)),
            hub_deployments=tuple(map(deployment, hubs)),
            hub_values=tuple(map(values, hubs)),
        ),
        declared(*map(hub, hubs)),
        stores=inventory(store(used=0.99)),
    )
    every = [found.findings[0], *(each.findings[0] for each in found.hubs)]
    assert {(each.code, each.filestore) for each in every} == {("FST04", "homes-nfs")}
    assert [each.hub for each in every] == [None, "prod", "staging"]
    assert found.filestore_hubs == {"homes-nfs": hubs}


def test_a_filestore_that_nobody_uses_is_no_trouble():
    spare = store("spare", address="10.9.9.9", state="creating")
    found = cluster(stores=inventory(store(), spare))
    assert [(each.code, each.severity) for each in found.findings] == [("FST02", "info")]


def test_cluster_ip_and_service_name_are_one_server():
    named = declared(hub(server=Setting("nfs.prod.svc.cluster.local."), path=Setting("/export//prod")))
    live = observation(
        persistent_volumes=(volume(nfs=NfsSource(server="10.3.0.7", path="/export/prod/")),),
        services=(service("nfs", "prod", "10.3.0.7"),),
    )
    stores = inventory(store(address=("10.3.0.7", "nfs.prod.svc.cluster.local"), exports=("/export",)))
    assert codes(only(cluster(live, named, stores=stores))) == []


@pytest.mark.parametrize(
    "options",
    [("vers=4.1", "noatime"), ("noatime", "nfsvers=4.1"), ("hard", "noatime", "vers=4.1"), ("noatime,vers=4.1",)],
)
def test_mount_options_are_compared_as_what_they_mean(options):
    assert codes(only(cluster(observation(persistent_volumes=(volume(mount_options=options),))))) == []


def test_a_share_creator_that_only_began_is_no_finding():
    assert codes(only(cluster(observation(share_creator_jobs=(job(failed=False, minutes=1),))))) == []


def test_a_failed_creator_and_a_missing_volume_of_a_running_hub_are_two_causes():
    found = only(cluster(observation(share_creator_jobs=(job(),), persistent_volumes=())))
    assert codes(found) == ["DIR01", "PV01"]


def test_a_server_that_is_down_explains_the_share_creator_too():
    found = only(cluster(observation(share_creator_jobs=(job(),)), stores=inventory(store(state="down"))))
    assert codes(found) == ["FST01"]
    assert "so: share creator failed" in found.findings[0].detail


def test_names_reach_a_command_quoted():
    odd = hub("x; rm -rf ~")
    found = cluster(observation(persistent_volumes=(volume(odd.name, phase="Released"),),
                                persistent_volume_claims=()), declared(odd))  # fmt: skip
    assert "'x; rm -rf ~-home-nfs'" in finding(only(found, odd.name), "PV02").next_step


@pytest.mark.parametrize(
    ("globs", "hub_name", "production"),
    [
        (("prod",), "prod", True),
        (("prod",), "preprod", False),
        (("*-prod",), "eu-prod", True),
        (("earth/*",), "any", True),
        (("mars/*",), "any", False),
        ((), "prod", False),
    ],
)
def test_production_is_by_glob(globs, hub_name, production):
    assert Policy(production=globs).is_production("earth", hub_name) is production


def test_production_does_not_change_a_severity():
    bare = observation(persistent_volumes=())
    one, other = (only(cluster(bare, policy=Policy(production=globs))) for globs in (("prod",), ()))
    assert (one.production, other.production) == (True, False)
    assert one.findings == other.findings


@pytest.mark.parametrize(
    ("file", "message", "told"),
    [
        ("clusters/earth/prod.yaml", "clusters/earth/prod.yaml is not valid", "prod.yaml:3:7 is not valid"),
        ("clusters/earth/cluster.yaml", "clusters/earth/b.yaml is gone", "b.yaml is gone (cluster.yaml:3:7)"),
        ("charts/basehub/values.yaml", "nfs is a text", "nfs is a text (charts/basehub/values.yaml:3:7)"),
        ("charts/basehub/values.yaml", "charts/basehub/values.yaml: no", "charts/basehub/values.yaml:3:7: no"),
    ],
)
def test_problems_say_where_and_leave_out_what_their_row_says(file: str, message: str, told: str):
    problem = Problem(kind="wrong-type", cluster="earth", hub="prod", origin=Origin(file, 3, 7), message=message)
    (found,) = only(cluster(tree=declared(hub(resolved=False), problems=(problem,)))).findings
    assert (found.message, found.detail) == (told, (f"{file}:3:7",))


def test_problems_of_the_tree_belong_to_no_cluster():
    problem = Problem(kind="duplicate-cluster", cluster="", hub=None, origin=origin(), message="two of one name")
    found = tree_findings(Inventory(root="clusters", problems=(problem,)))
    assert [(each.code, each.cluster, each.hub) for each in found] == [("CFG05", "", None)]


def test_the_chain_in_words():
    found = only(
        cluster(
            observation(
                hub_values=(values(admin=(SHARED_RW, ALLUSERS)),),
                user_pods=(pod("ana"), pod("bo", mounts=(("/home/jovyan/shared", "_shared", True), SHARED_RW))),
            ),
            stores=inventory(store(used=0.81, tier="BASIC_HDD", zones=("us-central1-b",))),
        )
    )
    said = {link.link: (link.declared, link.live, link.seen) for link in found.links}
    assert said["filestore"][1] == (
        "homes-nfs  BASIC_HDD  1.0 TiB, 81 % used",
        "READY  us-central1-b",
        "says Cloud Monitoring",
    )
    assert said["export"] == (("10.2.0.2:/homes/",), ("10.2.0.2:/homes",), ("mounted",))
    assert said["directory"] == (("/homes/prod",), (), ("in use by 2 servers", "want 1000:1000"))
    assert said["pv"][1] == ("Bound, noatime,vers=4.1", "10.2.0.2:/homes/prod")
    assert said["pvc"] == (("home-nfs",), ("Bound prod-home-nfs",), ())
    assert said["mounts"] == (
        ("home shared(ro)", "admins: shared-readwrite"),
        ("home shared(ro)", "admins: shared-readwrite allusers"),
        ("2 servers", "1 of admins, 1 older"),
    )


def test_a_cloud_that_nobody_asks_yet_leaves_its_filestores_unlooked():
    found = only(cluster(stores=inventory(listed=("home-nfs",))))
    assert (found.link("filestore").mark, found.link("filestore").why) == ("unlooked", "gcp-filestore was not asked")
    assert codes(found) == []


@pytest.mark.parametrize(
    ("key", "replace", "told"),
    [
        (None, True, ["MNT04"]),
        ("", True, ["MNT04"]),
        ("1-shared-readwrite", False, ["MNT04"]),
        ("2-allusers", False, []),
        ("", False, []),
    ],
    ids=["a list in the map's place", "an empty list", "another entry under its key", "null on purpose", "all null"],
)
def test_shared_readwrite_is_dropped_by_accident_only(key, replace, told):
    chart = tuple(changed(mount, key="1-shared-readwrite") for mount in declared_mounts(SHARED_RW))
    own = tuple(changed(mount, key=key) for mount in declared_mounts(ALLUSERS) if key != "")
    tree = declared(hub(chart_admin_mounts=chart, admin_mounts=own, admin_mounts_replace=replace))
    found = only(cluster(observation(hub_values=(values(admin=(ALLUSERS,) if own else ()),)), tree))
    assert [code for code in codes(found) if code != "MNT01"] == told
