"""The files that a real cluster is started with: certificates, tokens, kubeconfig, containerd, kubelet, mount.nfs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cluster.image import PAUSE, write_images
from tests.cluster.layout import PEOPLE, USERS, Layout

_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "None", "users": ["machinery", "system:apiserver", "system:anonymous"]},
        {"level": "Metadata"},
    ],
}

_MOUNT_NFS = """\
#!/bin/sh
# Stands in for mount.nfs: binds EXPORTS/SERVER/PATH, or does what FAULTS says of SERVER:PATH, in mount.nfs's words.
source=$1 target=$2
echo "$*" >>{folder}/log/mounts
while IFS='|' read -r which words; do
  [ "$which" = "$source" ] || continue
  [ "$words" = hang ] && exec sleep 1000000
  echo "mount.nfs: $words" >&2
  exit 32
done <{folder}/faults
server=${{source%%:*}} path=${{source#*:}}
[ -d "{folder}/exports/$server" ] || {{ echo "mount.nfs: Connection timed out" >&2; exit 32; }}
[ -d "{folder}/exports/$server$path" ] || {{
  echo "mount.nfs: mounting $source failed, reason given by server: No such file or directory" >&2
  exit 32
}}
exec mount --bind "{folder}/exports/$server$path" "$target"
"""

_CONTAINERD = """\
version = 2
root = "{folder}/containerd/root"
state = "{folder}/containerd/state"
[grpc]
  address = "{folder}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  # Without CAP_SYS_RESOURCE runc can't lower the score, and dies.
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{folder}/cni"
"""


def write_files(layout: Layout) -> None:
    """Writes everything below the layout's folder."""
    for folder in ("pki", "log", "exports"):
        layout.path(folder).mkdir()
    _write_certificates(layout)
    rows = (f'{token},{user},{user},"{USERS[user]}"' for user, token in layout.tokens.items())
    layout.path("tokens.csv").write_text("\n".join(rows) + "\n")
    layout.path("audit-policy.json").write_text(json.dumps(_AUDIT_POLICY))
    write_kubeconfig(layout.path("machinery.kubeconfig"), [context_of(layout, "machinery")])
    write_kubeconfig(layout.path("kubeconfig"), [context_of(layout, user) for user in (*PEOPLE, "expired")])
    if layout.node:
        _write_node_files(layout)


def context_of(layout: Layout, user: str, *, name: str = "") -> Context:
    """The context of USER, called as the user unless NAME says otherwise.

    A user without a token, as "expired", gets one that the API server does not know.
    """
    token = layout.tokens.get(user, "no-longer-valid")
    return Context(name or user, token, layout.server, layout.path("pki", "ca.pem"))


class Context(NamedTuple):
    """A context to write into a kubeconfig: its name, token, server, and the file of the authority to trust."""

    name: str
    token: str
    server: str
    authority: Path


def write_kubeconfig(path: Path, contexts: Sequence[Context]) -> None:
    """A kubeconfig with a cluster and a user for each context; the first is current."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": c.name, "cluster": {"server": c.server, "certificate-authority": str(c.authority)}}
            for c in contexts
        ],
        "users": [{"name": c.name, "user": {"token": c.token}} for c in contexts],
        "contexts": [{"name": c.name, "context": {"cluster": c.name, "user": c.name}} for c in contexts],
        "current-context": contexts[0].name,
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=1))


def _write_certificates(layout: Layout) -> None:
    authority = trustme.CA(organization_name="hubhomes tests")
    authority.cert_pem.write_to_path(layout.path("pki", "ca.pem"))
    serving = authority.issue_cert("127.0.0.1", "localhost")
    serving.private_key_and_cert_chain_pem.write_to_path(layout.path("pki", "serving.pem"))
    trustme.CA(organization_name="somebody else").cert_pem.write_to_path(layout.path("pki", "other-ca.pem"))
    # Also how the API server shows itself to the kubelet: nobody else on this machine may ask it.
    client = authority.issue_cert("kube-apiserver", common_name="kube-apiserver")
    client.private_key_and_cert_chain_pem.write_to_path(layout.path("pki", "client.pem"))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    layout.path("pki", "accounts.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )


def _write_node_files(layout: Layout) -> None:
    for folder in ("cni", "kubelet", "podlogs", "sbin"):
        layout.path(folder).mkdir()
    layout.path("faults").touch()
    layout.path("sbin", "mount.nfs").write_text(_MOUNT_NFS.format(folder=layout.folder))
    layout.path("sbin", "mount.nfs").chmod(0o755)
    layout.path("containerd.toml").write_text(_CONTAINERD.format(folder=layout.folder, pause=PAUSE))
    ipam = {"type": "host-local", "ranges": [[{"subnet": layout.subnet}]], "dataDir": str(layout.path("ipam"))}
    network = {"cniVersion": "0.4.0", "name": "test", "plugins": [{"type": "ptp", "ipam": ipam}]}
    layout.path("cni", "10-test.conflist").write_text(json.dumps(network))
    layout.path("kubelet.json").write_text(json.dumps(_kubelet(layout)))
    write_images(layout.path("images.tar"))


def _kubelet(layout: Layout) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": False},
            "x509": {"clientCAFile": str(layout.path("pki", "ca.pem"))},
        },
        "authorization": {"mode": "AlwaysAllow"},
        "failCgroupV1": False,
        "failSwapOn": False,
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": layout.cgroup,
        "containerRuntimeEndpoint": f"unix://{layout.path('containerd.sock')}",
        "evictionHard": {"nodefs.available": "1%", "imagefs.available": "1%", "memory.available": "50Mi"},
        "makeIPTablesUtilChains": False,
        "address": "0.0.0.0",
        "port": layout.kubelet_port,
        "healthzPort": 0,
        "maxPods": 240,
        "podLogsDir": str(layout.path("podlogs")),
        "syncFrequency": "5s",
        # The default minute would make every test of usage wait for it.
        "volumeStatsAggPeriod": "3s",
        "kubeAPIQPS": 200,
        "kubeAPIBurst": 400,
        "eventRecordQPS": 200,
        "eventBurst": 400,
        # There is none; without an address the kubelet makes an event of it for every pod.
        "clusterDNS": ["10.96.0.10"],
        "clusterDomain": "cluster.local",
        "serializeImagePulls": False,
    }
