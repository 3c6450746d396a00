"""Which programs the tests build from Go modules: one module folder under go/ for each group, pinned by its go.sum."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

GO_FOLDER = Path(__file__).parent / "go"
KUBERNETES = "1.36.3"
ETCD = "3.6.8"
HELM = "3.22.0"
TOFU = "1.12.6"
K9S = "0.50.18"


class Program(NamedTuple):
    """One binary: its file name, the Go package of its main function, and what the linker writes into it."""

    name: str
    package: str
    stamp: tuple[str, ...] = ()


class Group(NamedTuple):
    """Programs of one Go module folder. `requires` are module@version; `minutes` is what a first build takes."""

    name: str
    requires: tuple[str, ...]
    programs: tuple[Program, ...]
    minutes: int


def _kubernetes(name: str) -> Program:
    # Without a version the API server refuses to start.
    major, minor, _ = KUBERNETES.split(".")
    stamp = tuple(
        f"{package}.{variable}={value}"
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
        for variable, value in (("gitVersion", f"v{KUBERNETES}"), ("gitMajor", major), ("gitMinor", minor))
    )
    return Program(name, f"k8s.io/kubernetes/cmd/{name}", stamp)


GROUPS = {
    group.name: group
    for group in (
        Group(
            "kubernetes",
            (f"k8s.io/kubernetes@v{KUBERNETES}", f"go.etcd.io/etcd/server/v3@v{ETCD}"),
            (
                *map(
                    _kubernetes, ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kubectl")
                ),
                Program("etcd", "go.etcd.io/etcd/server/v3"),
            ),
            7,
        ),
        Group(
            "helm",
            (f"helm.sh/helm/v3@v{HELM}",),
            (Program("helm", "helm.sh/helm/v3/cmd/helm", (f"helm.sh/helm/v3/internal/version.version=v{HELM}",)),),
            1,
        ),
        Group(
            "tofu",
            (f"github.com/opentofu/opentofu@v{TOFU}",),
            (Program("tofu", "github.com/opentofu/opentofu/cmd/tofu"),),
            2,
        ),
        Group(
            "k9s",
            (f"github.com/derailed/k9s@v{K9S}",),
            (Program("k9s", "github.com/derailed/k9s", (f"github.com/derailed/k9s/cmd.version=v{K9S}",)),),
            4,
        ),
    )
}
