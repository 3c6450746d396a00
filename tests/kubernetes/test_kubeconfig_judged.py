"""Our reading of kubeconfig, held against the loader of the kubernetes package."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from kubernetes.aio.client import Configuration
from kubernetes.aio.config.kube_config import KubeConfigLoader, KubeConfigMerger

from providers.kubernetes.contexts import access, read_kubeconfig
from providers.kubernetes.credentials import Credentials, certificate_authority, utc_now
from tests.kubernetes.wire import plugin

PEM = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
CODED = base64.b64encode(PEM).decode()
CLUSTERS: dict[str, dict[str, Any]] = {
    "plain": {"server": "http://10.0.0.1:8080/"},
    "authority data": {"server": "https://10.0.0.1", "certificate-authority-data": CODED},
    "authority file": {"server": "https://10.0.0.1/", "certificate-authority": "ca.pem"},
    "named": {"server": "https://10.0.0.1", "tls-server-name": "api.example.org", "insecure-skip-tls-verify": True},
    "proxied": {"server": "https://10.0.0.1", "proxy-url": "http://127.0.0.1:3128"},
}
USERS: dict[str, dict[str, Any]] = {
    "token": {"token": "t"},
    "token file": {"tokenFile": "token"},
    "password": {"username": "jo", "password": "pw"},
    "certificate": {"client-certificate-data": CODED, "client-key": "ca.pem"},
    "nothing": {},
}


async def judged(file: Path) -> Configuration:
    configuration = Configuration()
    loader = KubeConfigLoader(KubeConfigMerger(str(file)).config, "earth", config_base_path=None)
    await loader.load_and_set(configuration)
    return configuration


def written(folder: Path, cluster: dict[str, Any], user: dict[str, Any]) -> Path:
    (folder / "ca.pem").write_bytes(PEM)
    (folder / "token").write_text("t-of-the-file")
    document = {
        "current-context": "earth",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "jo", "user": user}],
        "contexts": [{"name": "earth", "context": {"cluster": "c", "user": "jo"}}],
    }
    file = folder / "config"
    file.write_text(json.dumps(document))
    return file


def content(file: str | None) -> bytes | None:
    return Path(file).read_bytes() if file else None


@pytest.mark.parametrize("cluster", CLUSTERS.values(), ids=CLUSTERS)
async def test_clusters(tmp_path: Path, cluster: dict[str, Any]) -> None:
    file = written(tmp_path, cluster, {"token": "t"})
    judge, ours = await judged(file), access(read_kubeconfig(str(file)), "earth")
    assert ours.server == judge.host
    assert certificate_authority(ours) == content(judge.ssl_ca_cert)
    assert (ours.cluster.text("tls-server-name") or None) == judge.tls_server_name
    assert (not ours.cluster.fields.get("insecure-skip-tls-verify")) == judge.verify_ssl
    assert (ours.cluster.text("proxy-url") or None) == judge.proxy


@pytest.mark.parametrize("user", USERS.values(), ids=USERS)
async def test_users(tmp_path: Path, user: dict[str, Any]) -> None:
    file = written(tmp_path, CLUSTERS["authority data"], user)
    judge, ours = await judged(file), access(read_kubeconfig(str(file)), "earth")
    credential = await Credentials(ours, plugin_timeout_s=5, now=utc_now).current()
    assert credential.authorization == judge.api_key.get("BearerToken")
    assert (credential.certificate, credential.key) == (content(judge.cert_file), content(judge.key_file))


async def test_plugins(tmp_path: Path) -> None:
    script = (
        "import json, os\n"
        "info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "print(json.dumps({'apiVersion': info['apiVersion'], 'kind': info['kind'],\n"
        "                  'status': {'token': os.environ['WHO'],\n"
        "                             'expirationTimestamp': '2100-01-01T00:00:00Z'}}))\n"
    )
    user = plugin(tmp_path / "p", script, env=[{"name": "WHO", "value": "jo"}])
    file = written(tmp_path, CLUSTERS["authority data"], user)
    judge, ours = await judged(file), access(read_kubeconfig(str(file)), "earth")
    credential = await Credentials(ours, plugin_timeout_s=5, now=utc_now).current()
    assert credential.authorization == judge.api_key["BearerToken"] == "Bearer jo"
