"""One hub on the real node, what breaks it, commands about it, and what the audit log says was sent."""

# Names are bytes, which pathlib does not take.
# ruff: noqa: PTH103, PTH118
from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from console.actions.registry import action as action_named
from console.cli.exits import Exit
from providers.simulated.chart import Release, share_creator_job
from tests.actions.real_hub import hub_on_claim
from tests.cli.command import Command
from tests.cluster.client import ApiRefused, Json
from tests.cluster.node import RealCluster
from tests.kubernetes.looks.real import SERVER, helper_pods, phase


class Scene:
    """A hub in a namespace of its own, of that name. `state` is the folder of the record."""

    def __init__(self, cluster: RealCluster, namespace: str, hubhomes: Command, state: Path) -> None:
        self.cluster, self.api, self.namespace, self.state = cluster, cluster.api, namespace, state
        self._hubhomes = hubhomes
        self.folder = hub_on_claim(cluster, namespace)
        self.volume = f"{namespace}-home-nfs"

    def run(self, action: str, *options: str, user: str = "admin") -> Any:
        target = f"{user}/{self.namespace}" if action_named(action).target == "hub" else user
        return self._hubhomes(action, target, "--context", user, "--json", *options)

    def history(self, *words: str) -> Any:
        context = ("--context", "admin") if words else ()
        return self._hubhomes("history", *words, *context, "--json")

    def mended(self, action: str, *options: str) -> None:
        """From its plan to the verified end, and then there is nothing to do."""
        since = len(self.cluster.audited())
        plan = self.run(action, *options, "--dry-run").document("Plan")
        assert plan["steps"]
        assert self.changes(since) == []
        done = self.run(action, *options, "--yes", "--digest", plan["digest"], "--confirm", self.namespace)
        assert (done.code, done.document("ActionResult")["outcome"]) == (Exit.NONE, "done"), done.err
        assert self.run(action, *options, "--dry-run").document("Plan")["steps"] == []
        assert helper_pods(self.cluster, self.namespace) == []

    def changes(self, since: int) -> list[str]:
        """What was changed besides helper pods, what runs in them, and the lock, since so many audited requests."""
        return [one for one in self.sent(since) if "/hubhomes-" not in one and not one.startswith("create pods")]

    def sent(self, since: int) -> list[str]:
        """What could have changed something, since so many audited requests: no question, no dry run, no lock."""
        return [
            f"{one.verb} {one.object_ref.resource}/{one.object_ref.name}"
            for one in self.cluster.audited()[since:]
            if one.verb not in ("get", "list", "watch")
            and not one.object_ref.resource.startswith(("selfsubject", "leases"))
            and "dryRun=All" not in one.request_uri
            and one.object_ref.namespace in ("", self.namespace)
            and not one.object_ref.subresource
        ]

    def unlocked(self) -> None:
        """Without the lock of who was killed, which ends by itself after a minute."""
        with contextlib.suppress(ApiRefused):
            self.api.request("DELETE", f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases/hubhomes")

    def release_volume(self) -> None:
        """The claim is deleted and made again, so that the volume remembers a claim that is gone."""
        claim = self.api.get("PersistentVolumeClaim", "home-nfs", self.namespace)
        self.api.delete("PersistentVolumeClaim", "home-nfs", self.namespace)
        self.api.wait("Released", lambda: phase(self.cluster, "PersistentVolume", self.volume, "") == "Released")
        kept = {key: claim["spec"][key] for key in ("accessModes", "resources", "storageClassName", "volumeName")}
        metadata = {"name": "home-nfs", "namespace": self.namespace}
        manifest = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": kept}
        self.api.create(manifest)

    def claim_phase(self) -> str:
        return phase(self.cluster, "PersistentVolumeClaim", "home-nfs", self.namespace)

    def failed_creator(self) -> None:
        """The share creator fails, since a file stands where the directory should be; then that is put right."""
        if self.folder.exists():
            self.folder.rmdir()
        self.folder.write_text("in the way")
        job = share_creator_job(Release(name=self.namespace, server=SERVER, base_share="/homes/"))
        job["spec"]["backoffLimit"] = 0
        self.api.create(job)
        self.api.wait("the Job fails", lambda: self.job_ended("nfs-share-creator") == "Failed")
        self.folder.unlink()

    def remove_creator(self) -> None:
        name = "nfs-share-creator"
        self.api.request(
            "DELETE", f"/apis/batch/v1/namespaces/{self.namespace}/jobs/{name}?propagationPolicy=Background"
        )
        self.api.wait("it is gone", lambda: self.jobs() == [])

    def job_ended(self, name: str) -> str:
        conditions = self.api.get("Job", name, self.namespace)["status"].get("conditions", ())
        return next((one["type"] for one in conditions if one["type"] in ("Failed", "Complete")), "")

    def jobs(self) -> list[str]:
        return [job["metadata"]["name"] for job in self.api.list("Job", self.namespace)]

    def server_of(self, user: str, *, mounts: Sequence[Json] = ()) -> str:
        """The running server of USER, with MOUNTS of the hub's claim."""
        notebook = {"name": "notebook", "image": "localhost/singleuser:1", "imagePullPolicy": "Never"}
        claim = {"name": "home", "persistentVolumeClaim": {"claimName": "home-nfs"}}
        pod: Json = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"jupyter-{user}",
                "namespace": self.namespace,
                "labels": {"app": "jupyterhub", "component": "singleuser-server"},
                "annotations": {"hub.jupyter.org/username": user},
            },
            "spec": {
                "terminationGracePeriodSeconds": 1,
                "containers": [{**notebook, "volumeMounts": [*mounts]}],
                "volumes": [claim] if mounts else [],
            },
        }
        uid: str = self.api.create(pod)["metadata"]["uid"]
        name = pod["metadata"]["name"]
        self.api.wait("the server runs", lambda: phase(self.cluster, "Pod", name, self.namespace) == "Running")
        return uid

    def helpers(self) -> list[str]:
        return helper_pods(self.cluster)

    def remove_helpers(self) -> None:
        """Without those that earlier tests have left, as whoever is killed does: they may wait for their deadline."""
        for pod in self.api.list("Pod", labelSelector="hubhomes/owner"):
            self.api.delete("Pod", pod["metadata"]["name"], pod["metadata"]["namespace"], grace_s=0)
        self.api.wait("no other helper pods", lambda: self.helpers() == [])

    def pods(self) -> list[str]:
        return sorted(pod["metadata"]["name"] for pod in self.api.list("Pod", self.namespace))

    def home(self, name: bytes) -> bytes:
        path = os.path.join(bytes(self.folder), name)
        os.makedirs(path, exist_ok=True)
        return path

    def entries(self) -> Json:
        """The admin mounts that the hub gives."""
        content = base64.b64decode(self.api.get("Secret", "hub", self.namespace)["data"]["values.yaml"])
        entries: Json = yaml.safe_load(content)["custom"]["singleuserAdmin"]["extraVolumeMounts"]
        return entries

    def deployed(self, entries: Json) -> None:
        """Somebody else deploys the hub with other admin mounts."""
        content = base64.b64decode(self.api.get("Secret", "hub", self.namespace)["data"]["values.yaml"])
        values = yaml.safe_load(content)
        values["custom"]["singleuserAdmin"]["extraVolumeMounts"] = entries
        encoded = base64.b64encode(yaml.safe_dump(values).encode()).decode()
        self.api.patch("Secret", "hub", self.namespace, {"data": {"values.yaml": encoded}})

    def helper_pod(self, name: str) -> None:
        """A helper pod that has ended, and that nobody has removed."""
        look = {"name": "look", "image": "localhost/busybox:1.36.1", "command": ["true"]}
        labels = {"hubhomes/owner": "jo", "hubhomes/purpose": "look"}
        pod: Json = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": self.namespace, "labels": labels},
            "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "containers": [look]},
        }
        self.api.create(pod)
        self.api.wait("the pod has ended", lambda: phase(self.cluster, "Pod", name, self.namespace) == "Succeeded")
