from __future__ import annotations

import pytest

from tests.contracts.filestore_changes import FilestoreGrowthContract, SlowCreationContract
from tests.filestores.gcp_changes import homes, over_grpc, over_rest


class TestMakesOverGrpc(SlowCreationContract):
    @pytest.fixture
    def cloud(self):
        with over_grpc(homes()) as cloud:
            yield cloud


class TestMakesOverRest(SlowCreationContract):
    @pytest.fixture
    def cloud(self):
        with over_rest(homes()) as cloud:
            yield cloud


class TestGrowsOverGrpc(FilestoreGrowthContract):
    @pytest.fixture
    def cloud(self):
        with over_grpc(homes()) as cloud:
            yield cloud


class TestGrowsOverRest(FilestoreGrowthContract):
    @pytest.fixture
    def cloud(self):
        with over_rest(homes()) as cloud:
            yield cloud
