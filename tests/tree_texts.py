"""The texts that synthetic configuration trees are made of."""

from __future__ import annotations

CHART_YAML = """\
apiVersion: v2
name: {name}
version: 0.1.0
dependencies:
  - name: {dependency}
    version: 0.1.0
"""

BASEHUB_VALUES = """\
# Defaults of every hub.
userServiceAccount:
  enabled: true
  annotations: {}
nfs:
  enabled: false
  shareCreator:
    enabled: true
    tolerations: []
  pv:
    mountOptions:
      - soft
      - noatime
    serverIP: ""
    shareNameOverride: ""
inClusterNFS:
  enabled: false
  size: 100Gi
jupyterhub-home-nfs:
  enabled: false
  quotaEnforcer:
    config:
      QuotaManager:
        hard_quota: 10
jupyterhub:
  custom:
    singleuserAdmin:
      extraEnv: {}
      extraVolumeMounts:
        1-shared-readwrite:
          name: home
          mountPath: /home/jovyan/shared-readwrite
          subPath: _shared
        2-rstudio-shared-readwrite:
          name: home
          mountPath: /home/rstudio/shared-readwrite
          subPath: _shared
  singleuser:
    startTimeout: 600
    storage:
      type: static
      static:
        pvcName: home-nfs
        subPath: "{username}"
      extraVolumeMounts:
        1-shared:
          name: home
          mountPath: /home/jovyan/shared
          subPath: _shared
          readOnly: true
        2-rstudio:
          name: home
          mountPath: /home/rstudio
          subPath: "{username}"
"""

DASKHUB_VALUES = """\
basehub:
  jupyterhub:
    singleuser:
      defaultUrl: /lab
      extraEnv:
        DASK_GATEWAY__CLUSTER__OPTIONS__IMAGE: "{{JUPYTER_IMAGE_SPEC}}"
dask-gateway:
  enabled: true
"""

COMMON_VALUES = """\
# What the hubs of this cluster have in common.
jupyterhub:
  custom:
    homepage:
      templateVars:
        org: &org
          name: An organisation
          url: https://example.org
        designed_by: *org
  hub:
    config:
      JupyterHub:
        authenticator_class: github
      Authenticator:
        enable_auth_state: true
"""

HUB_VALUES = """\
# {hub} on {cluster}
{storage}
jupyterhub:
  ingress:
    hosts:
      - {hub}.{cluster}.example.org
  custom:
    singleuserAdmin:
{mounts}
  singleuser:
    image:
      name: registry.example.org/{cluster}/{hub}
      tag: "2026.01.0"
    nodeSelector:
      example.org/hub: {hub}
"""

SUPPORT_VALUES = """\
prometheus:
  server:
    ingress:
      hosts:
        - prometheus.{cluster}.example.org
grafana:
  ingress:
    hosts:
      - grafana.{cluster}.example.org
"""

SECRET = """\
jupyterhub:
    hub:
        config:
            GitHubOAuthenticator:
                client_secret: ENC[AES256_GCM,data:c2FtcGxl,iv:AAAA,tag:AAAA,type:str]
sops:
    version: 3.9.0
"""

VALUES_JSONNET = """\
// Defaults that depend on the hub.
local cluster_name = std.extVar('VARS_2I2C_CLUSTER_NAME');
local hub_name = std.extVar('VARS_2I2C_HUB_NAME');
local hub_domain = std.extVar('VARS_2I2C_HUB_DOMAIN');
local provider = std.extVar('VARS_2I2C_PROVIDER');
local account_id = std.extVar('VARS_2I2C_ACCOUNT_ID');

// The chart's folder is the second part of the path from its end.
local parts = std.split(std.thisFile, '/');
local chart = parts[std.length(parts) - 2];
local in_chart(config) = if chart == 'daskhub' then { basehub: config } else config;

local is_staging = std.length(std.findSubstr('staging', hub_name)) > 0;

local machines = {
  aws: { name: 'r5', sizes: [['xlarge', 4, 32], ['4xlarge', 16, 128], ['16xlarge', 64, 512]] },
  gcp: { name: 'n2-highmem', sizes: [['4', 4, 32], ['16', 16, 128], ['64', 64, 512]] },
};
local machine = if std.objectHas(machines, provider) then machines[provider] else machines.gcp;

local choice(size, share) = {
  local cpus = size[1] / share,
  local gib = size[2] * 0.9 / share,
  key:: 'mem_' + share + '_of_' + size[0],
  display_name: std.floor(gib) + ' GB RAM, ' + cpus + ' CPUs of ' + size[0],
  kubespawner_override: {
    mem_guarantee: std.floor(gib * 1024 * 1024 * 1024),
    mem_limit: std.floor(gib * 1024 * 1024 * 1024),
    cpu_guarantee: std.floor(cpus * 1000) / 1000,
    cpu_limit: size[1],
    node_selector: {
      'node.kubernetes.io/instance-type': machine.name + '-' + size[0],
      'example.org/hub': std.asciiLower(std.join('-', [cluster_name, hub_name])),
    },
  },
};
local choices = {
  [c.key]: c
  for size in machine.sizes
  for share in [1, 2, 4, 8, 16]
  for c in [choice(size, share)]
};

local labels = std.foldl(
  function(sum, part) sum { [part]: std.md5(part + hub_domain) },
  std.split(hub_domain, '.'),
  {}
);

in_chart({
  nfs: {
    pv: {
      mountOptions: if provider == 'aws' then ['rsize=1048576', 'wsize=1048576', 'timeo=600', 'soft', 'noresvport']
      else ['soft', 'noatime'],
    },
  },
  'jupyterhub-home-nfs': {
    eks: { enabled: provider == 'aws' },
    gke: { enabled: provider == 'gcp' },
    quotaEnforcer: {
      config: { QuotaManager: { hard_quota: if is_staging then 1 else 10, paths: ['/export/' + hub_name] } },
    },
  },
  userServiceAccount: {
    annotations: { account: '%s-%s@%s' % [cluster_name, hub_name, account_id] },
  },
  jupyterhub: {
    ingress: { hosts: [hub_domain], tls: [{ hosts: [hub_domain], secretName: 'https-auto-tls' }] },
    hub: { config: { OAuthenticator: { oauth_callback_url: 'https://%s/hub/oauth_callback' % hub_domain } } },
    singleuser: { extraLabels: labels, profileList: [{ display_name: 'Size', options: { size: choices } }] },
  },
})
"""


def filler(about: str, *, lines: int) -> str:
    """Values that nothing reads, with comments, lists, block texts and quoted strings, LINES lines or a little more."""
    text = ["other:"]
    number = 0
    while len(text) < lines:
        number += 1
        text += [
            f"  # {about}, part {number}: what follows is read by the hub and not by the chain, and is here because",
            "  # files that people write explain at length why they say what they say.",
            f"  part-{number}:",
            f'    title: "Part {number} of {about}"',
            "    profileList:",
            f"      - display_name: Small {number}",
            "        description: |",
            "          A machine for looking around, with little memory and a processor that is shared with others.",
            "          Whoever needs more takes the large one, which starts more slowly because a node must be made.",
            "          Homes are the same on both: what is kept in the home directory is there on the next start.",
            "          Files outside of it are gone when the server stops, and so are packages installed by hand.",
            "        kubespawner_override: {cpu_limit: 2, mem_limit: 4G}",
            f"      - display_name: Large {number}",
            "        default: true",
            "        kubespawner_override:",
            "          mem_limit: 64G",
            f"          image: registry.example.org/large:{number}",
            "    start: |",
            "      import os",
            "      # Runs in the hub when a server starts, before its manifest is made.",
            f"      def part_{number}(spawner, pod):",
            f'          pod.metadata.labels["example.org/part"] = os.environ.get("PART", "{number}")',
            '          pod.metadata.annotations["example.org/text"] = "a value long enough to need a line of its own"',
            "          return pod",
        ]
    return "\n".join(text) + "\n"
