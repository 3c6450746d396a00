"""Which account and region is asked, and how it is named in messages."""

from __future__ import annotations

import re
import shlex

import msgspec

from providers.errors import ProviderError
from providers.filestores.protocol import FilestoreScope
from providers.filestores.words import in_settings

_ACCOUNT = re.compile(r"[0-9]{12}")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One region of one account, asked with the credentials of `profile` ("": the chain's own choice). `account` is
    its number, "" where the cluster's block does not say."""

    region: str
    account: str = ""
    profile: str = ""

    @classmethod
    def of(cls, scope: FilestoreScope) -> Place | None:
        """None where the cluster is not on AWS. Raises ProviderError no_context where its block names no region."""
        block = scope.account
        if scope.provider != "aws":
            return None
        region = block.get("region", "").strip().lower()
        if not region:
            raise ProviderError(
                "no_context",
                f"EFS cannot be asked: it is not known which AWS region {scope.cluster} is in",
                next_step=f"{in_settings(scope.cluster, 'region')}, or under aws: in cluster.yaml",
            )
        stated = (block.get(key, "").strip() for key in ("account", "account_id"))
        return cls(
            region=region,
            account=next((text for text in stated if _ACCOUNT.fullmatch(text)), ""),
            profile=block.get("profile", "").strip(),
        )

    @staticmethod
    def eks_cluster(scope: FilestoreScope) -> str:
        """The name by which the cluster's nodes are tagged."""
        return scope.account.get("clusterName", "").strip() or scope.cluster

    def __str__(self) -> str:
        of = f" of account {self.account}" if self.account else ""
        by = f" (profile {self.profile})" if self.profile else ""
        return f"EFS{of} in {self.region}{by}"

    @property
    def dns_suffix(self) -> str:
        return "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"

    def host(self, file_system_id: str) -> str:
        """The name that clients mount."""
        return f"{file_system_id}.efs.{self.region}.{self.dns_suffix}"

    def command(self, service: str, verb: str, *options: str) -> str:
        """`aws SERVICE VERB` in this region and with this profile, to be run by hand: every word quoted for a shell."""
        profile = ("--profile", self.profile) if self.profile else ()
        return shlex.join(("aws", service, verb, "--region", self.region, *profile, *options))

    def page(self, file_system_id: str) -> str:
        """The file system in AWS's own console."""
        site = {"cn": "console.amazonaws.cn", "us-gov": "console.amazonaws-us-gov.com"}.get(
            "us-gov" if self.region.startswith("us-gov-") else self.region.partition("-")[0],
            f"{self.region}.console.aws.amazon.com",
        )
        return f"https://{site}/efs/home?region={self.region}#/file-systems/{file_system_id}"
