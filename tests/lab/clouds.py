"""The clouds of the lab: a control plane and an account in each, what is broken there, and what must be told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from providers.simulated.chart import Release

Cloud = Literal["gcp", "aws", "azure"]

PROJECT, GOOGLE_ZONE = "lab-hubs", "us-central1-b"
REGION = "us-west-2"
ACCOUNT = "labhomes"
AZURE_HOST = f"{ACCOUNT}.file.core.windows.net"


class CloudHub(msgspec.Struct, frozen=True, kw_only=True):
    """A hub whose homes are in a cloud. `store` is the name of its filestore; `server` stands in its values where that
    is not the filestore's own address. `expects` are the findings' codes, once each."""

    name: str
    store: str = ""
    server: str = ""
    base_share: str = "/"
    expects: tuple[str, ...] = ()


class CloudCluster(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster of the tree on a cloud. `account` is its provider's block, `zones` are where its nodes run.

    `expects` are the findings of the cluster itself.
    """

    name: str
    provider: Cloud
    account: Mapping[str, str]
    zones: tuple[str, ...]
    hubs: tuple[CloudHub, ...]
    expects: tuple[str, ...]


CLOUD_CLUSTERS = (
    CloudCluster(
        name="on-gcp",
        provider="gcp",
        account={"project": PROJECT, "cluster": "on-gcp", "zone": GOOGLE_ZONE},
        zones=(GOOGLE_ZONE,),
        hubs=(
            CloudHub(name="gcp-fine", store="lab-homedirs", server="10.2.0.2", base_share="/homes/"),
            CloudHub(
                name="gcp-suspended",
                store="lab-suspended",
                server="10.2.0.3",
                base_share="/homes/",
                expects=("FST01", "TFM05"),
            ),
            CloudHub(
                name="gcp-other-share",
                store="lab-homedirs",
                server="10.2.0.2",
                base_share="/home/",
                expects=("EXP01",),
            ),
            CloudHub(name="gcp-nowhere", server="10.2.0.77", base_share="/homes/", expects=("FST06",)),
        ),
        expects=("FST01", "FST19", "TFM03", "TFM05"),
    ),
    CloudCluster(
        name="on-aws",
        provider="aws",
        account={"region": REGION, "clusterName": "on-aws"},
        zones=(f"{REGION}a", f"{REGION}b"),
        hubs=(
            # The emulator keeps no backup policies: that there are no backups is true of it.
            CloudHub(name="aws-fine", store="hub-homedirs", expects=("FST16",)),
            CloudHub(name="aws-one-zone", store="hub-homedirs-one-zone", expects=("FST11", "FST16")),
            CloudHub(name="aws-no-target", store="hub-homedirs-no-target", expects=("FST01", "FST16")),
        ),
        expects=("FST01", "FST11", "FST16", "FST16", "FST16", "TFM01", "TFM02"),
    ),
    CloudCluster(
        name="on-azure",
        provider="azure",
        account={"subscription": "", "resource_group": "lab-hubs", "cluster": "on-azure"},
        zones=("northeurope-1",),
        hubs=(
            CloudHub(name="azure-fine", store=f"{ACCOUNT}/homes", server=AZURE_HOST, base_share=f"/{ACCOUNT}/homes/"),
            CloudHub(
                name="azure-full",
                store=f"{ACCOUNT}/archive",
                server=AZURE_HOST,
                base_share=f"/{ACCOUNT}/archive/",
                expects=("FST04",),
            ),
            CloudHub(
                name="azure-squashed",
                store=f"{ACCOUNT}/squashed",
                server=AZURE_HOST,
                base_share=f"/{ACCOUNT}/squashed/",
                expects=("FST15",),
            ),
        ),
        expects=("FST04", "FST15", "TFM02", "TFM02"),
    ),
)


def release_of(hub: CloudHub, servers: Mapping[str, str]) -> Release:
    """HUB as it is deployed. SERVERS are the addresses of filestores that only their cloud gives."""
    return Release(
        name=hub.name,
        server=hub.server or servers[hub.store],
        base_share=hub.base_share,
        mount_options=("hard", "noatime"),
    )
