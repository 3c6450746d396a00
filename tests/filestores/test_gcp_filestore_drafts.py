"""What is drafted for Google, before anything is sent."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from providers.errors import ProviderError
from providers.filestores.changes import Follow, Unfit, Wish
from providers.filestores.gcp_filestore.shape import Shape
from providers.kubernetes.objects import Labels, Metadata, NfsSource, Node, PersistentVolume, PersistentVolumeSpec
from providers.kubernetes.observation import ClusterObservation, Listing
from tests.contracts.filestore_changes import writing
from tests.filestores.filestore_changing import Code, Refused
from tests.filestores.filestore_server import Refusal, instance, types
from tests.filestores.gcp_changes import NOW, PROJECT, ZONE, homes, over_grpc, scope
from tests.filestores.test_gcp_filestore import STATE, TIER

NEW = Wish(name="earth-new")


def observed(*, zones: tuple[str, ...] = (), servers: tuple[str, ...] = ()) -> ClusterObservation:
    """A cluster with a node in each of ZONES that mounts SERVERS."""
    return ClusterObservation(
        context="earth",
        observed_at=NOW,
        nodes=Listing(
            items=tuple(Node(metadata=Metadata(name=f"n{n}", labels=Labels(zone=z))) for n, z in enumerate(zones))
        ),
        persistent_volumes=Listing(
            items=tuple(
                PersistentVolume(
                    metadata=Metadata(name=f"v{server}"),
                    spec=PersistentVolumeSpec(nfs=NfsSource(server=server, path="/homes/hub")),
                )
                for server in servers
            )
        ),
    )


async def drafted(*instances, wish=NEW, where=None):
    with over_grpc(*instances) as cloud:
        draft = await (await cloud.connect()).draft_creation(where or scope(), wish)
        assert cloud.changed() == 0
        return draft


async def unfit(*instances, wish=NEW, where=None):
    with pytest.raises(Unfit) as caught:
        await drafted(*instances, wish=wish, where=where)
    assert caught.value.next_step
    return caught.value


def in_network(name, network, location=ZONE, mode=0, ip="10.2.0.2"):
    networks = [types.NetworkConfig(network=network, connect_mode=mode, ip_addresses=[ip])]
    return instance(name, location=location, networks=networks)


async def test_says_all_that_will_be_and_how_it_is_done_by_hand():
    draft = await drafted(homes(), wish=Wish(name="earth-new", tags={"team": "hubs", "env": "prod"}))
    (piece,) = draft.pieces
    assert piece.what == "create the Filestore instance earth-new"
    assert piece.before == "not there"
    assert piece.after == "BASIC_HDD, 1024 GiB, share homes, in us-central1-b, network default"
    assert piece.rights == ("file.instances.create", "file.instances.get", "file.operations.get")
    assert draft.wish == Wish(
        name="earth-new", capacity_gib=1024, tier="BASIC_HDD", location=ZONE, network="default",
        tags={"team": "hubs", "env": "prod"},
    )  # fmt: skip
    assert draft.commands == (
        "gcloud filestore instances create earth-new --project=earth-hubs --location=us-central1-b --tier=BASIC_HDD "
        "--file-share=name=homes,capacity=1024GB --network=name=default --labels=env=prod,team=hubs",
    )
    assert (draft.server, draft.path, draft.warnings) == ("", "", ())
    assert draft.notes == (
        "Google takes some minutes", "a BASIC_HDD instance only grows: what is added can't be taken back",
    )  # fmt: skip


async def test_is_put_where_the_clusters_own_instances_are():
    draft = await drafted(
        in_network("mine", "projects/net/global/networks/shared", "us-east1-c", 2, ip="10.3.0.2"),
        in_network("others", "other", "europe-west1-b", ip="10.4.0.2"),
        where=msgspec.structs.replace(scope(), observation=observed(servers=("10.3.0.2",), zones=("us-east1-b",))),
    )
    assert draft.wish.location == "us-east1-c"
    assert draft.wish.network == "projects/net/global/networks/shared"
    assert draft.pieces[0].arguments["connect_mode"] == "PRIVATE_SERVICE_ACCESS"
    assert "connect-mode=PRIVATE_SERVICE_ACCESS" in draft.commands[0]
    assert draft.warnings == ()


@pytest.mark.parametrize(
    ("zone", "nodes", "tier", "location"),
    [
        ("us-central1-f", (), "", "us-central1-f"),
        ("us-central1-f", (), "REGIONAL", "us-central1"),
        ("us-central1", (), "enterprise", "us-central1"),
        ("us-central1", ("us-central1-c", "us-central1-a", "us-central1-c"), "ZONAL", "us-central1-c"),
        ("", ("us-central1-c", "us-central1-a"), "", "us-central1-a"),
        ("", ("us-central1-c",), "REGIONAL", "us-central1"),
    ],
)
async def test_is_put_where_the_cluster_is(zone, nodes, tier, location):
    where = msgspec.structs.replace(scope(zone=zone), observation=observed(zones=nodes))
    draft = await drafted(wish=Wish(name="earth-new", tier=tier), where=where)
    assert draft.wish.location == location
    assert draft.wish.network == "default"
    assert draft.warnings == ()


async def test_an_instance_that_the_cluster_does_not_mount_is_asked_last():
    elsewhere = in_network("others", "other", "europe-west1-b")
    draft = await drafted(elsewhere, where=scope(zone="us-east1-b"))
    assert (draft.wish.location, draft.wish.network) == ("us-east1-b", "other")
    assert (await drafted(elsewhere, where=scope(zone=""))).wish.location == "europe-west1-b"


async def test_it_is_asked_for_a_zone_that_nothing_tells():
    error = await unfit(where=scope(zone="us-central1"))
    assert "which zone" in error.message
    assert "name the zone" in error.next_step


async def test_it_is_asked_for_a_network_where_there_are_several():
    error = await unfit(in_network("a", "one"), in_network("b", "two"))
    assert "one, two" in error.message


async def test_what_is_named_is_not_asked_for():
    named = Wish(name="earth-new", location="us-east1-b", network="three")
    draft = await drafted(in_network("a", "one"), in_network("b", "two"), wish=named)
    assert (draft.wish.location, draft.wish.network) == ("us-east1-b", "three")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(name="Earth"), "'Earth' can't be an instance's name"),
        (Wish(name="a/../b"), "can't be an instance's name"),
        (Wish(name="earth-"), "can't be an instance's name"),
        (Wish(name=""), "can't be an instance's name"),
        (Wish(name="earth", share="a/b"), "'a/b' can't be a share's name"),
        (Wish(name="earth", capacity_gib=0), "0 GiB is no capacity"),
        (Wish(name="earth", capacity_gib=-1), "-1 GiB is no capacity"),
        (Wish(name="earth", tier="GOLD"), "no tier GOLD"),
        (Wish(name="earth", location="a/../b"), "'a/../b' can't be a zone or a region"),
    ],
)
async def test_what_is_plainly_impossible_is_refused(wish, words):
    assert words in (await unfit(wish=wish)).message


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(name="e", capacity_gib=100), "BASIC_HDD has 1024 to 65433 GiB"),
        (Wish(name="e", capacity_gib=1024, tier="premium"), "BASIC_SSD has 2560 to 65433 GiB"),
        (Wish(name="e", capacity_gib=1100, tier="ZONAL"), "ZONAL has steps of 256 GiB: 1280 GiB would be one"),
        (Wish(name="e", capacity_gib=10000, tier="ZONAL"), "ZONAL has 1024 to 9984 GiB or 10240 to 102400 GiB"),
        (Wish(name="e", tier="REGIONAL", location="us-central1-b"), "REGIONAL is made in a region"),
        (Wish(name="e", location="us-central1"), "BASIC_HDD is made in a zone"),
        (Wish(name="e", share="homes_of_everybody"), "at most 16 letters in BASIC_HDD"),
    ],
)
async def test_limits_that_may_have_changed_are_warnings(wish, words):
    draft = await drafted(wish=wish)
    assert draft.pieces
    assert words in " ".join(draft.warnings)


async def test_nodes_that_are_elsewhere_are_a_warning():
    where = msgspec.structs.replace(scope(zone="us-east1-b"), observation=observed(zones=("us-west1-a",)))
    assert (await drafted(where=where)).warnings == ("the nodes of earth are elsewhere: us-west1-a",)


async def test_one_that_is_there_leaves_nothing_to_make():
    draft = await drafted(homes(), wish=Wish(name="earth-homedirs"))
    assert draft.pieces == ()
    assert (draft.server, draft.path) == ("10.2.0.2", "/homes")
    assert draft.wish == Wish(
        name="earth-homedirs", capacity_gib=1024, tier="BASIC_HDD", location=ZONE, network="default"
    )
    assert draft.there is not None
    assert draft.there.facts
    assert draft.there.usage is None
    assert draft.commands == ()


async def test_one_in_another_zone_is_the_same_where_none_is_named():
    draft = await drafted(instance("earth-new", location="us-east1-b"), homes())
    assert draft.pieces == ()
    assert draft.wish.location == "us-east1-b"


async def test_one_in_another_zone_is_another_where_one_is_named():
    named = Wish(name="earth-homedirs", location="us-east1-b")
    draft = await drafted(homes(), wish=named)
    assert draft.pieces[0].arguments["instance"] == f"projects/{PROJECT}/locations/us-east1-b/instances/earth-homedirs"


async def test_two_of_one_name_are_not_chosen_between():
    error = await unfit(instance("earth-new"), instance("earth-new", location="us-east1-b"))
    assert error.next_step == "name the location"


async def test_one_that_has_grown_since_is_there():
    wish = Wish(name="earth-homedirs", capacity_gib=512)
    assert (await drafted(homes(), wish=wish)).pieces == ()


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(name="earth-homedirs", capacity_gib=2048), "it has 1024 GiB, less than 2048"),
        (Wish(name="earth-homedirs", tier="ZONAL"), "its tier is BASIC_HDD, not ZONAL"),
        (Wish(name="earth-homedirs", share="data"), "its share is homes, not data"),
        (Wish(name="earth-homedirs", network="other"), "its network is default, not other"),
    ],
)
async def test_one_that_is_another_is_not_taken_for_it(wish, words):
    assert words in (await unfit(homes(), wish=wish)).message


async def test_a_network_is_the_same_by_its_short_and_its_long_name():
    wish = Wish(name="earth-homedirs", network="projects/earth-hubs/global/networks/default", tier="standard")
    assert (await drafted(homes(tier=TIER.STANDARD), wish=wish)).pieces == ()


@pytest.mark.parametrize("state", [STATE.ERROR, STATE.DELETING, STATE.SUSPENDED, STATE.REPAIRING, 77])
async def test_one_in_trouble_is_said_and_left(state):
    error = await unfit(homes(state=state, status_message="a disk"), wish=Wish(name="earth-homedirs"))
    assert f"in state {getattr(state, 'name', state)}: a disk" in error.message


async def test_one_in_error_is_deleted_by_hand_only():
    error = await unfit(homes(state=STATE.ERROR), wish=Wish(name="earth-homedirs"))
    assert error.next_step.endswith(
        "gcloud filestore instances delete earth-homedirs --project=earth-hubs --location=us-central1-b"
    )


async def test_one_that_is_being_made_is_waited_for():
    begun = homes(state=STATE.CREATING, create_time=NOW - timedelta(minutes=3))
    begun.networks[0].ip_addresses = []
    wish = Wish(name="earth-homedirs")
    draft = await drafted(begun, wish=wish)
    assert draft.pieces == (await drafted(wish=wish)).pieces
    assert draft.notes[0] == "Google is creating it since 2026-03-05 13:57 UTC: it is waited for, and nothing is begun"
    assert (draft.server, draft.path) == ("", "")
    assert draft.commands == (
        "gcloud filestore instances describe earth-homedirs --project=earth-hubs --location=us-central1-b",
    )


async def test_one_that_another_makes_larger_is_waited_for_as_it_will_be():
    share = types.FileShareConfig(name="homes", capacity_gb=4096)
    begun = instance("earth-new", state=STATE.CREATING, file_shares=[share])
    draft = await drafted(begun, in_network("a", "one"), in_network("b", "two"))
    assert draft.pieces[0].arguments["capacity_gib"] == 4096


async def test_a_location_that_is_mute_may_hold_it():
    with over_grpc(homes()) as cloud:
        cloud.server.projects[PROJECT].unreachable = (["us-east1-b"],)
        changes = await cloud.connect()
        with pytest.raises(ProviderError, match="earth-new is not known: us-east1-b did not answer") as caught:
            await changes.draft_creation(scope(), NEW)
        assert caught.value.kind == "unreachable"
        named = await changes.draft_creation(scope(), Wish(name="earth-new", location=ZONE))
    assert "only a part" in " ".join(named.warnings)


async def test_a_list_that_is_refused_is_not_needed_where_all_is_named():
    with over_grpc(homes()) as cloud:
        cloud.server.faults[("ListInstances", "")] = Refusal(Code.PERMISSION_DENIED, "no")
        changes = await cloud.connect()
        with pytest.raises(ProviderError, match="forbidden"):
            await changes.draft_creation(scope(), NEW)
        named = Wish(name="earth-new", location=ZONE, network="default")
        assert (await changes.draft_creation(scope(), named)).pieces


async def test_a_refusal_names_the_right_that_is_missing():
    with over_grpc(homes()) as cloud:
        cloud.changing.answers["GetInstance"] = [Refused(Code.PERMISSION_DENIED, "no")]
        with pytest.raises(ProviderError) as caught:
            await (await cloud.connect()).draft_creation(scope(), NEW)
    assert "file.instances.get on project earth-hubs (roles/file.viewer)" in caught.value.next_step


async def test_only_clusters_on_google_are_served():
    assert "not on Google" in (await unfit(where=msgspec.structs.replace(scope(), provider="aws"))).message
    with over_grpc() as cloud, pytest.raises(ProviderError, match="not known which Google project"):
        await (await cloud.connect()).draft_creation(scope(project=""), NEW)


async def test_what_is_recorded_is_a_whole_shape():
    draft = await drafted(homes(), wish=Wish(name="earth-new", tags={"team": "hubs"}))
    recorded = {key: value for key, value in draft.pieces[0].arguments.items() if key != "do"}
    assert msgspec.convert(recorded, Shape).labels == {"team": "hubs"}


async def growth(gib, *, of=None):
    with over_grpc(of or homes()) as cloud:
        draft = await (await cloud.connect()).draft_growth(scope(), await cloud.filestore(), gib)
        assert cloud.changed() == 0
        return draft


async def test_a_growth_says_what_it_does():
    draft = await growth(1536)
    (piece,) = draft.pieces
    assert (piece.before, piece.after) == ("1024 GiB", "1536 GiB")
    assert piece.rights[0] == "file.instances.update"
    assert "only grows" in " ".join(draft.notes)
    assert draft.notes[-1] == "the share's export options are kept; the command by hand may lose them"
    assert draft.warnings == ()
    assert draft.commands == (
        "gcloud filestore instances update earth-homedirs --project=earth-hubs --location=us-central1-b "
        "--file-share=name=homes,capacity=1536GB",
    )


@pytest.mark.parametrize(
    ("tier", "now_gib", "gib", "words"),
    [
        (TIER.BASIC_HDD, 1024, 70000, "BASIC_HDD has 1024 to 65433 GiB for this instance"),
        (TIER.ZONAL, 1024, 1100, "ZONAL has steps of 256 GiB: 1280 GiB would be one"),
        (TIER.ZONAL, 1024, 10240, "ZONAL has 1024 to 9984 GiB for this instance"),
        (TIER.ZONAL, 10240, 11000, "ZONAL has steps of 2560 GiB: 12800 GiB would be one"),
        (99, 1024, 2048, "the limits of tier 99 are not known here"),
    ],
)
async def test_steps_and_ranges_of_a_growth_are_warnings(tier, now_gib, gib, words):
    share = types.FileShareConfig(name="homes", capacity_gb=now_gib)
    draft = await growth(gib, of=homes(tier=tier, file_shares=[share]))
    assert draft.pieces
    assert draft.warnings == (words,)


@pytest.mark.parametrize("state", [STATE.ERROR, STATE.CREATING, STATE.SUSPENDED])
async def test_only_a_ready_one_grows(state):
    with pytest.raises(Unfit, match=f"in state {state.name}: only a READY one grows"):
        await growth(1536, of=homes(state=state))


async def test_what_changes_it_now_is_said():
    with over_grpc(homes()) as cloud:
        cloud.hold()
        changes, store = await cloud.backend(patience_s=0.05).changes(), await cloud.filestore()
        draft = await changes.draft_growth(scope(), store, 2048)
        with pytest.raises(ProviderError, match="Google goes on with it"):
            await changes.make(scope(), draft.pieces[0], permission=writing(), follow=Follow())
        again = await changes.draft_growth(scope(), store, 2048)
    assert again.pieces == draft.pieces
    assert again.notes[0] == "Google is changing it (operation-1): that is waited for first"


async def test_what_is_gone_or_anothers_does_not_grow():
    with over_grpc(homes()) as cloud:
        changes, store = await cloud.connect(), await cloud.filestore()
        cloud.server.projects[PROJECT].instances = ()
        with pytest.raises(Unfit, match="not there any more"):
            await changes.draft_growth(scope(), store, 2048)
        with pytest.raises(Unfit, match="no Filestore instance of project mars"):
            await changes.draft_growth(scope(project="mars"), store, 2048)
