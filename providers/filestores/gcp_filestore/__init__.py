"""Google Cloud Filestore: the one room that imports Google's packages, none of them before it is asked."""

from __future__ import annotations

from providers.filestores.gcp_filestore.backend import GcpFilestore

__all__ = ["GcpFilestore"]
