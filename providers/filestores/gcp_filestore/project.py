"""Which of Google's projects a cluster is in."""

from __future__ import annotations

from providers.errors import ProviderError
from providers.filestores.protocol import FilestoreScope
from providers.filestores.words import in_settings


def project_of(scope: FilestoreScope) -> str:
    """Raises ProviderError no_context where it is not known."""
    project = scope.account.get("project", "").strip()
    if not project:
        raise ProviderError(
            "no_context",
            f"Filestore cannot be asked: it is not known which Google project {scope.cluster} is in",
            next_step=f"{in_settings(scope.cluster, 'project')}, or under gcp: in cluster.yaml",
        )
    return project
