"""What reading a tree costs at the least, one after the other: the fastest safe YAML parser on every file, and each
hub's values.jsonnet once. `python -m bench.naive_parse ROOT`, ROOT being what holds config/ and helm-charts/."""

from __future__ import annotations

import sys
from pathlib import Path

import _gojsonnet
import yaml

root = Path(sys.argv[1]).absolute()
clusters = []
for path in sorted(root.rglob("*.yaml")):
    if path.name.startswith("enc-") or "templates" in path.parts:
        continue
    document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    if path.name == "cluster.yaml":
        clusters.append(document)
for cluster in clusters:
    account = cluster.get("aws", {}).get("account", "")
    for hub in cluster["hubs"]:
        chart = root / "helm-charts" / Path(hub["helm_chart"]).name / "values.jsonnet"
        if not chart.exists():
            continue
        _gojsonnet.evaluate_file(
            str(chart),
            ext_vars={
                "VARS_2I2C_CLUSTER_NAME": cluster["name"],
                "VARS_2I2C_HUB_NAME": hub["name"],
                "VARS_2I2C_HUB_DOMAIN": hub.get("domain", ""),
                "VARS_2I2C_PROVIDER": cluster["provider"],
                "VARS_2I2C_ACCOUNT_ID": str(account),
            },
        )
