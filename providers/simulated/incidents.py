"""What is wrong in the demo's fleet, planted on purpose: exactly this should be found, and nothing else.

Codes are those of the catalogue of findings.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Link = Literal["cluster", "configuration", "filestore", "export", "directory", "pv", "pvc", "mounts", "homes"]


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, or worth a word. `hub` None: it concerns the cluster."""

    cluster: str
    hub: str | None
    link: Link
    code: str
    what: str


def _planted(cluster: str, hub: str | None, link: Link, code: str, what: str) -> Incident:
    return Incident(cluster=cluster, hub=hub, link=link, code=code, what=what)


INCIDENTS: tuple[Incident, ...] = (
    _planted("earth", "prod", "directory", "DIR01", "the share creator failed: it may not chown the hub directory"),
    _planted(
        "earth", "staging", "pv", "PV02", "the claim was deleted and made again; the volume remembers the old one"
    ),
    _planted("earth", "climate", "mounts", "MNT01", "allusers is declared and on, writable"),
    _planted("earth", "course", "mounts", "MNT02", "allusers was turned on live and is not declared"),
    _planted("earth", "course", "mounts", "MNT05", "two admins' servers are older than that"),
    _planted("earth", "course", "mounts", "MNT01", "allusers is on, writable"),
    _planted("earth", "soils", "pv", "PV04", "the volume points to last year's directory"),
    _planted("earth", "soils", "pv", "PV05", "the volume was made by hand, with other mount options"),
    _planted("earth", "soils", "pv", "PV06", "and with reclaim policy Delete"),
    _planted("earth", "delta", "mounts", "MNT10", "the hub directory is not there: three users wait"),
    _planted("earth", "tundra", "pv", "PV01", "there is no volume"),
    _planted("earth", None, "cluster", "CLU07", "a helper pod was left behind in delta"),
    _planted("earth", None, "filestore", "FST02", "a second Filestore is being created"),
    _planted("earth", None, "filestore", "FST19", "nobody lives on the Filestore of 2023, which holds 812 GiB"),
    _planted("earth", None, "filestore", "TFM02", "and which was made by hand"),
    _planted("earth", None, "filestore", "TFM03", "the second Filestore is smaller than Terraform declares it"),
    _planted("earth", None, "filestore", "TFM04", "and in another tier"),
    _planted("earth", None, "filestore", "TFM01", "a Filestore for archives is declared and was never made"),
    _planted("ocean", "prod", "filestore", "FST11", "no mount target in us-west-2c: mounts time out for five users"),
    _planted("ocean", "kelp", "filestore", "FST11", "nor for this hub: mounts hang, and no event tells of it"),
    _planted("ocean", "gulf", "filestore", "FST11", "nor for this hub, of which no server runs there"),
    _planted("ocean", "fjord", "filestore", "FST11", "nor for this one"),
    _planted("ocean", "reefwatch", "filestore", "FST11", "nor for this one"),
    _planted("ocean", "abyss", "filestore", "FST11", "nor for this one; staging and currents mount by an address"),
    _planted("ocean", "kelp", "mounts", "MNT04", "a list with allusers alone replaced the chart's mounts"),
    _planted("ocean", "kelp", "mounts", "MNT01", "allusers is on, writable"),
    _planted("ocean", "gulf", "pvc", "PVC04", "the claim is bound to the volume of fjord"),
    _planted("ocean", "fjord", "pv", "PV07", "the volume belongs to the claim of gulf"),
    _planted("ocean", "reefwatch", "pvc", "PVC01", "there is no claim"),
    _planted("ocean", "abyss", "pvc", "PVC03", "the claim is Lost: its volume was deleted and made again"),
    _planted("ocean", None, "filestore", "TFM05", "the file system has another tag Name than Terraform declares"),
    _planted("forest", "staging", "filestore", "FST13", "the firewall leaves the nodes out: access is denied"),
    _planted("forest", "staging", "mounts", "MNT14", "one node speaks another version of NFS"),
    _planted("forest", "moss", "pv", "PV03", "the volume is Failed: nothing could delete it"),
    _planted("forest", "grove", "pvc", "PVC02", "the claim is Pending: the volume is of another storage class"),
    _planted("forest", "canopy", "directory", "DIR06", "understory uses the same directory"),
    _planted("forest", "canopy", "filestore", "FST04", "the share archive is 97 % full"),
    _planted("forest", "understory", "directory", "DIR06", "canopy uses the same directory"),
    _planted("forest", "understory", "directory", "DIR05", "the share creator ignores the name override"),
    _planted("forest", "understory", "filestore", "FST04", "the share archive is 97 % full"),
    _planted("forest", None, "filestore", "TFM02", "the share archive was made by hand, and staging's"),
    _planted("reef", "staging", "filestore", "FST03", "the server was restarted seconds ago"),
    _planted("reef", "anemone", "mounts", "MNT01", "allusers is declared and on, read-only"),
    _planted("reef", "atoll", "filestore", "FST01", "the server crashes again and again"),
    _planted("reef", "coral", "filestore", "FST02", "what enforces quotas crashes beside the server"),
    _planted("reef", "coral", "filestore", "FST04", "and its disk is full"),
    _planted("reef", "shoal", "mounts", "MNT13", "the server runs and refuses connections"),
    _planted("reef", "lagoon", "filestore", "FST05", "the disk of its server is 91 % full, and fills up"),
    _planted("reef", "lagoon", "directory", "DIR02", "a deploy waits for the share creator"),
    _planted("reef", "lagoon", "mounts", "MNT03", "so that allusers is declared and not live yet"),
    _planted("reef", None, "cluster", "CLU08", "a location of Filestore does not answer"),
    _planted("summit", "cirque", "configuration", "CFG01", "a values file is indented with a tab"),
    _planted("summit", None, "configuration", "TFM06", "a bracket of its Terraform variables is never closed"),
    _planted("summit", None, "cluster", "CLU05", "we may look into some namespaces only"),
    _planted("polar", None, "cluster", "CLU02", "the credentials have expired"),
    _planted("polar", None, "cluster", "CLU08", "and so has the session by which its cloud would be asked"),
    _planted("desert", None, "cluster", "CLU01", "the API server cannot be reached"),
    _planted("desert", "dune", "filestore", "FST04", "its share is full all the same, as its cloud tells"),
)

INSIDE: tuple[Incident, ...] = (
    _planted("earth", "prod", "homes", "HOM01", "homes of kim and lou are root's"),
    _planted("earth", "prod", "homes", "HOM03", "a file has the name of hal's home"),
    _planted("earth", "prod", "homes", "HOM06", "nobody has used nine homes for long"),
    _planted("earth", "climate", "homes", "HOM04", "a link leads to a home of another hub"),
    _planted("earth", "course", "homes", "HOM02", "tom's home is closed to everybody"),
    _planted("earth", "glacier", "homes", "HOM05", "_shared is missing"),
    _planted("earth", "soils", "homes", "HOM06", "last year's directory holds last year's homes"),
    _planted("earth", "delta", "directory", "DIR03", "there is no directory, but one of nearly its name"),
    _planted("ocean", "staging", "directory", "DIR04", "the directory is root's"),
    _planted("ocean", "kelp", "homes", "HOM05", "_shared is root's"),
    _planted("ocean", "gulf", "homes", "HOM07", "its users' homes are not in fjord's directory"),
    _planted("ocean", "currents", "export", "EXP05", "each question to the file server takes 380 ms"),
    _planted("forest", "prod", "homes", "HOM20", "its nodes cannot pull the image of helper pods"),
    _planted("forest", "understory", "homes", "HOM07", "tom's home went away under his running server"),
    _planted("reef", "prod", "homes", "HOM08", "bo has reached the quota"),
    _planted("reef", "prod", "homes", "HOM09", "chi has nearly"),
    _planted("reef", "anemone", "homes", "HOM10", "root's files are inside a home: a deep look tells"),
)
"""What only looks inside hubs tell, one level deeper too."""
