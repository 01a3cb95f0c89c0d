"""Export writes what is new, leaves what fits, refuses what breaks, and never touches a frozen file."""

import json
import re
from pathlib import Path

import pytest

from event_schemas import Event
from event_schemas.__main__ import main
from event_schemas.base import CATALOGUE, Record
from event_schemas.catalogue import public_events
from event_schemas.check import problems, retired
from event_schemas.export import Plan, plan, write
from event_schemas.folders import PACKAGE, folder
from event_schemas.published import MANIFEST, edited, incompatible, read_published
from event_schemas.topics import load_topics
from event_schemas.validation import check_schema


@pytest.fixture
def published(tmp_path: Path, empty_catalogue: None) -> Path:
    """One published event, in a folder of its own."""

    class UnitScrapped(Event, type="unit.scrapped", version=1, key="serial", topic="tickets"):
        """A unit is gone."""

        serial: str
        weight: int

    write(plan([UnitScrapped], {}), tmp_path / "published")
    CATALOGUE.clear()
    return tmp_path / "published"


@pytest.mark.requirement("ALL-04")
def test_the_published_law_holds_today() -> None:
    assert list(problems(PACKAGE.parent)) == []


@pytest.mark.requirement("ALL-04")
def test_exporting_twice_changes_nothing(law: Path) -> None:
    before = {file: file.read_bytes() for file in law.rglob("*") if file.is_file()}

    assert main(["export", "asyncapi"], law) == 0
    assert {file: file.read_bytes() for file in law.rglob("*") if file.is_file()} == before


@pytest.mark.requirement("ALL-04")
def test_every_published_file_is_a_plain_json_schema_of_2020_12_open_for_more_fields() -> None:
    for file in folder("published").glob("*.json"):
        text = file.read_text()
        schema = json.loads(text)
        check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        name = re.sub(r"\.r(\d+)$", r":r\1", file.name.removesuffix(".schema.json"))
        assert schema["$id"] == f"urn:aftercare:event:{name}"
        assert schema["description"]
        assert {"x-key", "x-topic", "title"} <= schema.keys()
        for word in ("unevaluatedProperties", "$dynamicRef", '"additionalProperties"'):
            assert word not in text


@pytest.mark.requirement("ALL-04")
def test_an_optional_field_is_a_new_revision_beside_the_first(published: Path) -> None:
    class UnitScrapped(Event, type="unit.scrapped", version=1, key="serial", topic="tickets"):
        """A unit is gone, and somebody saw it."""

        serial: str
        weight: int
        remark: str | None = None

    first = (published / "unit.scrapped.v1.schema.json").read_bytes()
    write(plan([UnitScrapped], read_published(published)), published)

    assert (published / "unit.scrapped.v1.schema.json").read_bytes() == first
    assert list(read_published(published)["unit.scrapped.v1"]) == [1, 2]
    second = json.loads((published / "unit.scrapped.v1.r2.schema.json").read_text())
    assert second["$id"] == "urn:aftercare:event:unit.scrapped.v1:r2"
    assert list(edited(published)) == []
    assert list(incompatible(read_published(published))) == []
    assert plan([UnitScrapped], read_published(published)) == Plan()


@pytest.mark.requirement("ALL-04")
def test_other_prose_and_another_order_of_fields_need_no_revision(published: Path) -> None:
    class UnitScrapped(Event, type="unit.scrapped", version=1, key="serial", topic="tickets"):
        """Said in other words."""

        weight: int
        """In grams."""
        serial: str

    assert plan([UnitScrapped], read_published(published)) == Plan()


@pytest.mark.requirement("ALL-04")
def test_a_break_is_refused_with_event_field_rule_and_the_way_out(published: Path) -> None:
    class UnitScrapped(Event, type="unit.scrapped", version=1, key="serial", topic="tickets"):
        """A unit is gone."""

        serial: str
        weight: str

    planned = plan([UnitScrapped], read_published(published))

    rule = "inside a version only optional fields and words of open enumerations may be added: make it version 2"
    assert planned == Plan(
        refusals=(f"unit.scrapped.v1: field `weight`: type changed from 'integer' to 'string'; {rule}",)
    )
    with pytest.raises(ValueError, match="make it version 2"):
        write(planned, published)


@pytest.mark.requirement("ALL-04")
def test_a_field_added_in_the_second_revision_is_as_frozen_as_those_of_the_first(published: Path) -> None:
    class Added(Event, type="unit.scrapped", version=1, key="serial", topic="tickets"):
        serial: str
        weight: int
        remark: str | None = None

    write(plan([Added], read_published(published)), published)
    CATALOGUE.clear()

    class TakenAway(Event, type="unit.scrapped", version=1, key="serial", topic="tickets"):
        serial: str
        weight: int

    (refusal,) = plan([TakenAway], read_published(published)).refusals
    assert refusal.startswith("unit.scrapped.v1: field `remark`: was removed or renamed; ")


@pytest.mark.requirement("ALL-04")
def test_a_break_deep_inside_a_shared_shape_is_found(tmp_path: Path, empty_catalogue: None) -> None:
    class Part(Record):
        number: str

    class PartsUsed(Event, type="parts.used", version=1, key="brand", topic="tickets"):
        parts: tuple[Part, ...]

    write(plan([PartsUsed], {}), tmp_path)
    CATALOGUE.clear()

    class Piece(Record):
        number: int

    class PiecesUsed(Event, type="parts.used", version=1, key="brand", topic="tickets"):
        parts: tuple[Piece, ...]

    (refusal,) = plan([PiecesUsed], read_published(tmp_path)).refusals
    assert "field `parts[].number`: type changed from 'string' to 'integer'" in refusal


@pytest.mark.requirement("ALL-04")
def test_one_break_stops_the_whole_export(law: Path) -> None:
    frozen = law / "published" / "credit.issued.v1.schema.json"
    frozen.write_text(frozen.read_text().replace('"minimum": 0', '"minimum": 1'))
    (law / "published" / "credit.refused.v1.schema.json").unlink()

    assert main(["export"], law) == 1
    assert not (law / "published" / "credit.refused.v1.schema.json").exists()


@pytest.mark.requirement("ALL-04")
def test_an_edited_a_deleted_and_a_slipped_in_file_are_each_found(
    law: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = law / "published"
    edited_one = published / "credit.issued.v1.schema.json"
    edited_one.write_text(edited_one.read_text() + "\n")
    (published / "credit.refused.v1.schema.json").unlink()
    (published / "credit.invented.v1.schema.json").write_text("{}")

    assert list(edited(published)) == [
        f"published/credit.invented.v1.schema.json: was not written by export ({MANIFEST} does not know it); remove it",
        f"published/{edited_one.name}: is frozen and was edited; restore it and change the event class instead",
        "published/credit.refused.v1.schema.json: is frozen and was deleted; restore it",
    ]
    assert main(["check"], law) == 1
    assert "credit.issued.v1.schema.json: is frozen and was edited" in capsys.readouterr().err


def test_a_frozen_file_is_never_written_over(published: Path) -> None:
    with pytest.raises(FileExistsError):
        write(Plan({"unit.scrapped.v1.schema.json": "{}"}), published)


@pytest.mark.requirement("ALL-04")
def test_an_event_that_somebody_still_hears_may_not_lose_its_class() -> None:
    catalogue = {name: event for name, event in public_events().items() if name != "return.accepted.v1"}
    topics = {topic.topic: topic for topic in load_topics()}

    assert list(retired(read_published(folder("published")), catalogue, topics)) == [
        "return.accepted.v1: its class is gone and credits, notifications still hears it; say it until none does"
    ]
