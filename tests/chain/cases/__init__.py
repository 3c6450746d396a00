"""Every rule of the catalogue with at least one cluster that breaks it, and nothing else."""

from __future__ import annotations

from tests.chain.cases.case import Case
from tests.chain.cases.directories import DIRECTORY_CASES
from tests.chain.cases.insides import HOME_CASES, INSIDE_CASES
from tests.chain.cases.mounts import ADMIN_CASES, MOUNT_CASES
from tests.chain.cases.sides import CLUSTER_CASES, CONFIGURATION_CASES
from tests.chain.cases.store_troubles import STORE_TROUBLE_CASES
from tests.chain.cases.stores import FILESTORE_CASES
from tests.chain.cases.terraform import TERRAFORM_CASES
from tests.chain.cases.usages import USAGE_CASES
from tests.chain.cases.volumes import VOLUME_CASES

CASES: tuple[Case, ...] = (
    *CLUSTER_CASES,
    *CONFIGURATION_CASES,
    *FILESTORE_CASES,
    *STORE_TROUBLE_CASES,
    *DIRECTORY_CASES,
    *INSIDE_CASES,
    *HOME_CASES,
    *VOLUME_CASES,
    *MOUNT_CASES,
    *ADMIN_CASES,
    *TERRAFORM_CASES,
    *USAGE_CASES,
)

__all__ = ["CASES", "Case"]
