"""Pod Security, as far as pods with home directories meet it: volumes and capabilities under "restricted", capabilities
and the host under "baseline". The namespace's label says which level it enforces."""

from __future__ import annotations

from providers.simulated.resources import NAMESPACES, Json
from providers.simulated.store import ObjectStore

ENFORCE = "pod-security.kubernetes.io/enforce"
_VOLUMES = ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret")
_BASELINE = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)


def pod_security(store: ObjectStore, manifest: Json) -> str:
    """Why the namespace of MANIFEST does not take it, in the words of Pod Security; "" where it does, or is no pod."""
    if manifest.get("kind") != "Pod":
        return ""
    namespace = store.get(NAMESPACES, "", manifest["metadata"].get("namespace", "")) or {"metadata": {}}
    level = namespace["metadata"].get("labels", {}).get(ENFORCE, "privileged")
    if level not in ("baseline", "restricted"):
        return ""
    found = [*_host(manifest), *_capabilities(manifest, level)]
    if level == "restricted":
        found += _volumes(manifest)
    return f'violates PodSecurity "{level}:latest": {", ".join(found)}' if found else ""


def _host(manifest: Json) -> list[str]:
    used = [field for field in ("hostNetwork", "hostPID", "hostIPC") if manifest["spec"].get(field)]
    return [f"host namespaces ({', '.join(f'{field}=true' for field in used)})"] if used else []


def _capabilities(manifest: Json, level: str) -> list[str]:
    admitted = {"NET_BIND_SERVICE"} if level == "restricted" else _BASELINE
    found = []
    for container in manifest["spec"].get("containers", ()):
        added = container.get("securityContext", {}).get("capabilities", {}).get("add", [])
        wrong = [f'"{name}"' for name in added if name not in admitted]
        if wrong:
            word = "unrestricted" if level == "restricted" else "non-default"
            must_not = f'container "{container["name"]}" must not include {", ".join(wrong)}'
            found.append(f"{word} capabilities ({must_not} in securityContext.capabilities.add)")
    return found


def _volumes(manifest: Json) -> list[str]:
    return [
        f'restricted volume types (volume "{volume["name"]}" uses restricted volume type "{kind}")'
        for volume in manifest["spec"].get("volumes", ())
        for kind in sorted(volume.keys() - {"name", *_VOLUMES})
    ]
