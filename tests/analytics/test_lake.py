"""What is wrong with a lake is named, and no number comes out of it."""

from collections.abc import Callable
from pathlib import Path

import ibis
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection

from leadline.analytics import freshness, refreshing
from leadline.analytics import manifest as manifests
from leadline.analytics.lake import Lake
from leadline.analytics.manifest import File
from leadline.analytics.models import LakeState
from leadline.analytics.store import LakeError, Store
from leadline.flow import intake
from leadline.keeping import arrival
from leadline.lib import clock
from tests.analytics import lakes
from tests.world import World, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def lake(world: World, tmp_path: Path) -> Lake:
    """A lake with one event."""
    found = Lake(tmp_path / "lake")
    intake.run([said(at=world.now, anonymous_id="a")], now=world.now)
    lakes.refreshed(found, world.now)
    return found


def file_of(lake: Lake, table: str = "events") -> Path:
    [file] = lake.manifest().tables[table].files
    return Path(lake.address) / file.path


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "words"), [(Path.unlink, "is missing"), (cut, "bytes instead of"), (flip, "damaged")]
)
def test_a_broken_file_is_named_and_nothing_is_read(
    lake: Lake, harm: Callable[[Path], None], words: str
) -> None:
    harm(file_of(lake))
    with pytest.raises(LakeError, match=words) as refused:
        lake.tables(ibis.duckdb.connect())
    assert str(file_of(lake).relative_to(lake.address)) in str(refused.value)
    assert "leadline lake rebuild" in str(refused.value)
    assert refused.value.permanent


def test_a_lake_that_was_made_new_is_whole_again(world: World, lake: Lake) -> None:
    before = lakes.rows(lake, "events")
    cut(file_of(lake))
    refreshing.rebuild(lake, now=world.now, is_alone=True)
    assert lakes.rows(lake, "events") == before


@pytest.mark.parametrize("version", [0, 2, "x", None])
def test_a_lake_of_another_version_is_named(lake: Lake, version: object) -> None:
    store = Store(str(lake.address))
    content = msgspec.json.decode(store.read(manifests.NAME) or b"")
    store.replace(manifests.NAME, msgspec.json.encode({**content, "version": version}))
    with pytest.raises(LakeError, match=r"version .* lake rebuild"):
        lake.manifest()


def test_a_damaged_manifest_is_named(lake: Lake) -> None:
    (Path(lake.address) / manifests.NAME).write_text('{"version": 1, "key')
    with pytest.raises(LakeError, match=r"manifest.json is damaged.* lake rebuild"):
        lake.manifest()


def test_where_there_is_no_lake_nothing_is_read(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="lake refresh") as refused:
        Lake(tmp_path / "none").manifest()
    assert not refused.value.permanent


def test_a_file_without_a_column_of_today_is_read_with_nulls(lake: Lake) -> None:
    """As an older program wrote it, and beside one of today."""
    [row] = lakes.rows(lake, "events")
    old = Path(lake.address) / "events/2020-01/0123.parquet"
    old.parent.mkdir()
    pq.write_table(pa.table({"id": [7], "binding_id": [1], "name": ["Old"]}), old)
    manifest = lake.manifest()
    crc32 = Store(str(lake.address)).crc32("events/2020-01/0123.parquet")
    manifest.tables["events"].files.append(
        File("events/2020-01/0123.parquet", 1, old.stat().st_size, crc32, "2020-01")
    )
    manifests.write(Store(str(lake.address)), manifest)
    new, found = sorted(lakes.rows(lake, "events"), key=lambda each: str(each["name"] == "Old"))
    assert new == row
    assert found == {**dict.fromkeys(row), "id": 7, "binding_id": 1, "name": "Old"}


def test_tables_without_rows_have_their_columns(lake: Lake) -> None:
    tables = lake.tables(ibis.duckdb.connect())
    deals = tables["deals"]
    assert deals.to_pyarrow().num_rows == 0
    assert {"lead_id", "amount_minor", "closed_us"} <= set(deals.columns)
    assert deals.schema()["amount_minor"] == ibis.dtype("int64")


def test_any_address_of_fsspec_will_do(world: World, lake: Lake) -> None:
    remote = Lake("memory://leadline-test-lake")
    refreshing.rebuild(remote, now=world.now, is_alone=True)
    assert lakes.rows(remote, "events") == lakes.rows(lake, "events")


def test_an_address_of_no_kind_that_is_known_is_named() -> None:
    with pytest.raises(LakeError, match="cannot be used"):
        Lake("nonsense://x").manifest()


def test_the_lake_of_another_database_is_left_alone(world: World, lake: Lake) -> None:
    before = file_of(lake).read_bytes()
    LakeState.objects.update(key="another")
    with pytest.raises(LakeError, match=r"another database.* lake rebuild"):
        lakes.refreshed(lake, world.now)
    assert file_of(lake).read_bytes() == before


def test_a_lake_that_is_ahead_of_its_database_is_named(world: World, lake: Lake) -> None:
    """The database was copied back by hand: ids that the lake has seen are given once more."""
    LakeState.objects.update(generation=0)
    with pytest.raises(LakeError, match=r"newer than the database.* lake rebuild"):
        lakes.refreshed(lake, world.now)


def test_after_a_restore_the_lake_is_begun_anew(world: World, lake: Lake) -> None:
    before = lake.manifest()
    connection.check_constraints()  # in life these rows were committed long ago
    assert arrival.settle()["unknown"] == []
    assert freshness.current() is None
    lakes.refreshed(lake, world.now)
    after = lake.manifest()
    assert after.key != before.key
    assert len(lakes.rows(lake, "events")) == 1


def test_only_files_that_a_lake_wrote_are_ever_deleted(world: World, lake: Lake) -> None:
    precious = Path(lake.address) / "events" / "letter.parquet"
    precious.write_text("mine")
    stray = Path(lake.address) / "events" / f"{'0' * 32}.parquet"
    stray.write_text("left over")
    lakes.refreshed(lake, world.now)
    assert precious.exists()
    assert not stray.exists()


def test_screens_know_how_fresh_and_how_large_it_is(world: World, lake: Lake) -> None:
    found = freshness.current()
    assert found is not None
    assert found.refreshed_at == world.now
    assert found.size_bytes == sum(path.stat().st_size for path in lakes.files(lake))
    assert found.row_count == sum(file.row_count for file in lake.manifest().files())
    assert freshness.known_us() == clock.micros(world.now)
