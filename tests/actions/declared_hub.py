"""A hub on the real node that a configuration tree declares, and a real Helm that deploys its storage."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.cli.command import Command
from tests.cluster.client import ApiRefused, Json
from tests.cluster.node import AuditedRequest, RealCluster
from tests.kubernetes.looks.real import SERVER

CHART = Path(__file__).parent / "storage_chart"
OPTIONS = ("hard", "noatime")
_SPEC_OF_BINDER = ("uid", "resourceVersion")


class DeclaredHub:
    """One hub NAME, whose directory and objects are as the test makes them. HELM is the program, if one is needed."""

    def __init__(
        self, cluster: RealCluster, name: str, folder: Path, hubhomes: Command, *, helm: Path | None = None
    ) -> None:
        self._helm = helm
        self.cluster, self.api, self.name, self.namespace = cluster, cluster.api, name, name
        self.tree, self.state = folder / "tree", folder / "state"
        self._hubhomes = hubhomes
        self.base = cluster.export(SERVER, "/homes")
        self.directory = self.base / name
        self.volume = f"{name}-home-nfs"
        shutil.copytree(CHART, self.tree / "helm-charts" / "basehub")
        self.declare()

    def declare(self, *, options: tuple[str, ...] = OPTIONS, override: str = "") -> None:
        """What the tree says from now on, of the administrator's cluster and of the viewer's, which are one."""
        volume = {"serverIP": SERVER, "mountOptions": list(options), "shareNameOverride": override}
        hub = {"name": self.name, "helm_chart": "basehub", "helm_chart_values_files": ["hub.values.yaml"]}
        for user in ("admin", "reader"):
            folder = self.tree / "config" / "clusters" / user
            folder.mkdir(parents=True, exist_ok=True)
            described = {"name": user, "provider": "kubeconfig", "hubs": [{**hub, "domain": "hub.example.org"}]}
            (folder / "cluster.yaml").write_text(yaml.safe_dump(described))
            (folder / "hub.values.yaml").write_text(yaml.safe_dump({"nfs": {"pv": volume}}))

    def run(self, action: str, *options: str, user: str = "admin") -> Any:
        return self._hubhomes(action, f"{user}/{self.name}", "--config", str(self.tree), "--json", *options)

    def history(self, *words: str) -> Any:
        tree = ("--config", str(self.tree)) if words else ()
        return self._hubhomes("history", *words, *tree, "--json")

    def plan(self, action: str, *options: str, user: str = "admin") -> Any:
        found = self.run(action, *options, "--dry-run", user=user)
        assert found.code == 0, found.err
        return found.document("Plan")

    def approved(self, plan: Any, *words: str, user: str = "admin") -> Any:
        """Runs PLAN, asked for by WORDS; gives its result."""
        answers = ("--yes", "--digest", plan["digest"], "--confirm", self.name)
        return self.run(*words, *answers, user=user)

    def mended(self, action: str, *options: str) -> str:
        """From its plan to the verified end, and then there is nothing to do; gives the run's id."""
        plan = self.plan(action, *options)
        assert plan["steps"]
        done = self.approved(plan, action, *options)
        result = done.document("ActionResult")
        assert (done.code, result["outcome"]) == (0, "done"), done.err
        assert self.plan(action, *options)["steps"] == []
        return str(result["run"])

    def taken_back(self, run: str, word: str = "undo") -> None:
        plan = self.history(word, run, "--dry-run").document("Plan")
        done = self.history(word, run, "--yes", "--digest", plan["digest"], "--confirm", self.name)
        assert (done.code, done.document("ActionResult")["outcome"]) in ((0, "done"), (0, "nothing")), done.err

    def helm(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Deploys the hub's storage as its values are now, by a real Helm."""
        values = self.tree / "config" / "clusters" / "admin" / "hub.values.yaml"
        command = [str(self._helm), *words, self.name, str(CHART), "--namespace", self.name, "--kube-context",
                   "admin", "--values", str(values), "--timeout", "120s"]  # fmt: skip
        environment = {"HOME": str(self.tree), "KUBECONFIG": str(self.cluster.kubeconfig), "PATH": os.environ["PATH"]}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    def deploy(self) -> None:
        done = self.helm("upgrade", "--install")
        assert done.returncode == 0, done.stderr

    def forgotten_by_helm(self) -> None:
        """No release is known any more; what it made is there."""
        secrets = f"/api/v1/namespaces/{self.name}/secrets"
        self.api.request("DELETE", f"{secrets}?labelSelector=owner%3Dhelm")

    def objects(self) -> tuple[Json, Json]:
        """Volume and claim as they are."""
        claim = self.api.get("PersistentVolumeClaim", "home-nfs", self.name)
        return self.api.get("PersistentVolume", self.volume), claim

    def specs(self) -> list[Json]:
        """What was asked for, of both, and by whose marks: without what the binder writes."""
        found = []
        for one in self.objects():
            spec = dict(one["spec"])
            if "claimRef" in spec:
                spec["claimRef"] = {key: spec["claimRef"][key] for key in ("namespace", "name")}
            found.append({"spec": spec, "uid": one["metadata"]["uid"]})
        return found

    def phases(self) -> list[str]:
        try:
            return [str(one["status"].get("phase")) for one in self.objects()]
        except ApiRefused:
            return []

    def bound(self) -> bool:
        return self.phases() == ["Bound", "Bound"]

    def changes(self, since: int) -> list[str]:
        """What was changed besides pods of our own and the lock, since so many audited requests."""
        return [
            f"{one.verb} {one.object_ref.resource}/{one.object_ref.name}"
            for one in self.cluster.audited()[since:]
            if one.verb not in ("get", "list", "watch") and not _is_beside(one)
        ]

    def sent(self, since: int) -> list[str]:
        return self.changes(since)

    def server_of(self, user: str) -> str:
        """A user's server that runs on the hub's claim; gives its name."""
        name = f"jupyter-{user}"
        self.api.create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": name,
                    "namespace": self.name,
                    "labels": {"app": "jupyterhub", "component": "singleuser-server"},
                    "annotations": {"hub.jupyter.org/username": user},
                },
                "spec": {
                    "terminationGracePeriodSeconds": 1,
                    "containers": [
                        {
                            "name": "notebook",
                            "image": "localhost/singleuser:1",
                            "imagePullPolicy": "Never",
                            "volumeMounts": [{"name": "home", "mountPath": "/home/jovyan", "subPath": user}],
                        }
                    ],
                    "volumes": [{"name": "home", "persistentVolumeClaim": {"claimName": "home-nfs"}}],
                },
            }
        )
        self.api.wait("the server runs", lambda: self._phase_of(name) == "Running")
        return name

    def _phase_of(self, pod: str) -> str:
        return str(self.api.get("Pod", pod, self.name)["status"].get("phase"))


def _is_beside(one: AuditedRequest) -> bool:
    about = one.object_ref
    return (
        about.resource.startswith(("selfsubject", "leases"))
        or about.name.startswith("hubhomes-")
        or bool(about.subresource)
        or "dryRun=All" in one.request_uri
        or (about.resource, one.verb) == ("pods", "create")
    )
