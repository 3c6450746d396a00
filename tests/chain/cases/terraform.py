"""Filestores that Terraform declares otherwise than they are."""

from __future__ import annotations

from tests.chain.cases.case import Case
from tests.chain.terraform_builders import (
    broken,
    declaration,
    drifted,
    efs,
    file_system,
    filestore,
    instance,
)

TERRAFORM_CASES = (
    Case(
        name="declared and not there",
        state=lambda: drifted(
            instance(), declares=declaration("gcp", filestore(), filestore("earth-homedirs-new", key="new"))
        ),
        codes=("TFM01",),
        hub=None,
        message="earth-homedirs-new is declared and not there",
    ),
    Case(
        name="there and not declared",
        state=lambda: drifted(instance(), declares=declaration("gcp")),
        codes=("TFM02",),
        hub=None,
        message="earth-homedirs is not in Terraform",
    ),
    Case(
        name="another capacity",
        state=lambda: drifted(instance(gib=2560), declares=declaration("gcp", filestore())),
        codes=("TFM03",),
        message="earth-homedirs: 1,024 GiB (1.0 TiB) declared, 2,560 GiB (2.5 TiB) live",
    ),
    Case(
        name="another tier",
        state=lambda: drifted(instance(tier="ZONAL"), declares=declaration("gcp", filestore())),
        codes=("TFM04",),
        message="earth-homedirs: BASIC_HDD declared, ZONAL live",
    ),
    Case(
        name="another name",
        state=lambda: drifted(
            instance("earth-homedirs-old"), declares=declaration("gcp", filestore("earth-homedirs-new"))
        ),
        codes=("TFM05",),
        message="earth-homedirs-old is declared as earth-homedirs-new",
    ),
    Case(
        name="another tag",
        state=lambda: drifted(
            efs(), declares=declaration("aws", file_system("hub-homedirs-prod", key="prod")), provider="aws"
        ),
        codes=("TFM05",),
        hub=None,
        message="hub-homedirs is declared as hub-homedirs-prod",
    ),
    Case(
        name="a file that can't be read",
        state=lambda: drifted(instance(), declares=broken()),
        codes=("TFM06",),
        hub=None,
        message="terraform/gcp/projects/earth.tfvars:7:2 can't be read",
    ),
)
