"""How the tests ask the adapter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from providers.errors import ProviderError
from providers.filestores.aws_efs import AwsEfs
from providers.filestores.aws_efs.session import CallBounds
from providers.filestores.protocol import FilestoreListing, FilestoreScope

NOW = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
REGION = "us-west-2"
ACCOUNT = "123456789012"
"""Whose the server's file systems are."""
QUICK = CallBounds(connect_timeout_s=0.3, read_timeout_s=0.3, attempts=1)
"""Where nothing is to be answered."""
SOON = CallBounds(connect_timeout_s=5, read_timeout_s=3, attempts=1)
"""Where one question is not to be answered, and others are."""
PATIENT = CallBounds(connect_timeout_s=5, read_timeout_s=20, attempts=1)


def scope_in(where, provider="aws", **account) -> FilestoreScope:
    block = {"region": where, "clusterName": "ocean", "account": ACCOUNT, **account}
    return FilestoreScope(cluster="ocean", provider=provider, account=block, observation=None, now=NOW)


async def listing(cloud, bounds=PATIENT, **account) -> FilestoreListing:
    return await AwsEfs(bounds=bounds).list_filestores(scope_in(cloud.region, **account))


async def refusal(cloud, bounds=PATIENT, **account) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await listing(cloud, bounds, **account)
    return caught.value


async def only(cloud):
    found = await listing(cloud)
    assert found.refused == ()
    (store,) = found.filestores
    return store
