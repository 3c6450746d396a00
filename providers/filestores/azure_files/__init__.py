"""Azure Files over NFS: the one package that imports Azure's libraries, and only when a subscription is asked."""

from __future__ import annotations

from providers.filestores.azure_files.backend import AzureFiles

__all__ = ["AzureFiles"]
