"""The compatibility check bites: variants of published schemas, each with the one thing that is wrong."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from event_schemas.base import Json
from event_schemas.compatibility import breaks
from event_schemas.folders import folder
from event_schemas.published import incompatible, read_published

PUBLISHED = {wire_type: revisions[1] for wire_type, revisions in read_published(folder("published")).items()}
Edit = Callable[[Json], Any]


def variant(wire_type: str, edit: Edit) -> Json:
    schema = copy.deepcopy(PUBLISHED[wire_type])
    edit(schema)
    return schema


def rename(schema: Json) -> None:
    schema["properties"]["serial_number"] = schema["properties"].pop("serial")
    schema["required"] = ["serial_number" if name == "serial" else name for name in schema["required"]]


def remove(schema: Json) -> None:
    del schema["properties"]["serial"]
    schema["required"].remove("serial")


def require(name: str) -> Edit:
    def edit(schema: Json) -> None:
        schema["properties"].setdefault(name, {"type": "string"})
        schema["required"].append(name)

    return edit


def field(name: str, **words: Any) -> Edit:
    return lambda schema: schema["properties"][name].update(words)


def definition(name: str, part: str, **words: Any) -> Edit:
    return lambda schema: schema["$defs"][name]["properties"][part].update(words)


REFUSED: list[tuple[str, Edit, str]] = [
    ("credit.issued.v1", rename, "field `serial`: was removed or renamed"),
    ("credit.issued.v1", rename, "field `serial_number`: is new and required"),
    ("credit.issued.v1", remove, "field `serial`: was removed or renamed"),
    ("credit.issued.v1", require("dealer"), "field `dealer`: is new and required"),
    ("return.assessed.v1", require("reason"), "field `reason`: was optional and is required now"),
    ("credit.issued.v1", lambda s: s["required"].remove("serial"), "field `serial`: was required and is optional now"),
    (
        "credit.issued.v1",
        field("age_months", type="number"),
        "field `age_months`: type changed from 'integer' to 'number'",
    ),
    ("product.registered.v1", field("model", maxLength=20), "field `model`: maxLength changed from nothing to 20"),
    ("product.registered.v1", field("model", enum=["X40"]), "field `model`: enum changed from nothing to ['X40']"),
    ("product.registered.v1", field("serial", pattern="^[A-Z]+$"), "field `serial`: pattern changed from nothing to"),
    ("credit.issued.v1", field("depreciation_percent", maximum=90), "maximum changed from 100 to 90"),
    ("credit.issued.v1", field("depreciation_percent", minimum=-1), "minimum changed from 0 to -1"),
    ("service.activated.v1", field("ends_on", format="date-time"), "field `ends_on`: format changed from 'date' to"),
    (
        "credit.issued.v1",
        definition("Money", "amount", type="number"),
        "field `base.amount`: type changed from 'string'",
    ),
    ("credit.issued.v1", definition("Money", "currency", default="USD"), "default changed from 'EUR' to 'USD'"),
    (
        "credit.issued.v1",
        lambda s: s["$defs"]["Money"]["required"].append("currency"),
        "field `amount.currency`: was opt",
    ),
    ("repair.requested.v1", lambda s: s["properties"].update(model={"type": "string"}), "`model`: null was allowed"),
    (
        "repair.requested.v1",
        lambda s: s["properties"].update(serial={"anyOf": [s["properties"]["serial"], {"type": "null"}]}),
        "field `serial`: null was refused and is allowed now",
    ),
    (
        "coverage.decided.v1",
        lambda s: s["properties"]["reasons"].update(items={"type": "string"}),
        "field `reasons[]`: anyOf",
    ),
    ("credit.issued.v1", lambda s: s.update({"x-key": "ticket_id"}), "the event: x-key changed from 'credit_id'"),
    (
        "credit.issued.v1",
        lambda s: s.update({"x-topic": "money"}),
        "the event: x-topic changed from 'credits' to 'money'",
    ),
    ("credit.issued.v1", lambda s: s.update(additionalProperties=False), "the event: additionalProperties changed"),
]


@pytest.mark.requirement("ALL-04")
@pytest.mark.parametrize(("wire_type", "edit", "sentence"), REFUSED, ids=[each[2] for each in REFUSED])
def test_what_would_break_a_reader_or_a_writer_is_refused_by_name(wire_type: str, edit: Edit, sentence: str) -> None:
    found = breaks(PUBLISHED[wire_type], variant(wire_type, edit))

    assert any(sentence in each for each in found), found


def words_of(schema: Json, name: str) -> list[str]:
    found: list[str] = schema["$defs"][name]["anyOf"][0]["enum"]
    return found


@pytest.mark.requirement("ALL-04")
def test_a_known_word_may_be_added_and_never_dropped() -> None:
    old = PUBLISHED["coverage.decided.v1"]
    more = variant("coverage.decided.v1", lambda s: words_of(s, "Verdict").append("goodwill"))
    fewer = variant("coverage.decided.v1", lambda s: words_of(s, "Verdict").remove("billable"))

    assert breaks(old, more) == []
    assert breaks(old, fewer) == ["field `verdict`: known word 'billable' was dropped"]


@pytest.mark.requirement("ALL-04")
def test_an_open_enumeration_may_not_be_closed_and_a_closed_one_takes_no_new_word() -> None:
    open_one = PUBLISHED["coverage.decided.v1"]
    closed = variant("coverage.decided.v1", lambda s: s["$defs"]["Verdict"]["anyOf"].pop())
    closed_and_more = copy.deepcopy(closed)
    words_of(closed_and_more, "Verdict").append("goodwill")

    assert breaks(open_one, closed)
    assert breaks(closed, closed_and_more) == ["field `verdict`: word 'goodwill' is new in a closed enumeration"]
    assert breaks(closed_and_more, closed) == ["field `verdict`: known word 'goodwill' was dropped"]


@pytest.mark.requirement("ALL-04")
def test_an_optional_field_may_be_added_at_any_depth() -> None:
    def add(schema: Json) -> None:
        schema["properties"]["remark"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
        schema["$defs"]["Money"]["properties"]["rate"] = {"type": "string"}

    old, new = PUBLISHED["credit.issued.v1"], variant("credit.issued.v1", add)

    assert breaks(old, new) == []
    assert len(breaks(new, old)) == 3  # and once it is there, it stays


def test_prose_names_of_definitions_and_order_do_not_matter() -> None:
    def reword(schema: Json) -> None:
        schema.update({"description": "Other words.", "title": "Other", "$id": "urn:other"})
        schema["required"].reverse()
        schema["$defs"]["Amount"] = schema["$defs"].pop("Money")
        for name in ("base", "amount"):
            schema["properties"][name] = {"$ref": "#/$defs/Amount", "description": "Money."}

    assert breaks(PUBLISHED["credit.issued.v1"], variant("credit.issued.v1", reword)) == []


def test_a_field_called_like_a_word_of_json_schema_is_still_a_field() -> None:
    old = variant("credit.issued.v1", lambda s: s["properties"].update(description={"type": "string"}))

    assert breaks(old, PUBLISHED["credit.issued.v1"]) == ["field `description`: was removed or renamed"]


def test_every_pair_of_revisions_is_compared_not_only_neighbours() -> None:
    first = PUBLISHED["credit.issued.v1"]
    second = variant("credit.issued.v1", lambda s: s["properties"].update(remark={"type": "string"}))
    third = copy.deepcopy(first)  # goes with the first, takes back what the second said

    assert list(incompatible({"credit.issued.v1": {1: first, 2: second, 3: third}})) == [
        "credit.issued.v1: revision 3 does not go with revision 2: field `remark`: was removed or renamed"
    ]
    assert "credit.issued.v1: revision 3 does not go with revision 1: field `remark`: was removed or renamed" in list(
        incompatible({"credit.issued.v1": {1: second, 2: second, 3: third}})
    )


def test_a_shape_inside_itself_is_compared_once_and_to_the_end() -> None:
    node: Json = {"properties": {"note": {"type": "string"}, "next": {"$ref": "#/$defs/Node"}}, "type": "object"}
    old: Json = {"$defs": {"Node": node}, "properties": {"head": {"$ref": "#/$defs/Node"}}}
    new = copy.deepcopy(old)
    new["$defs"]["Node"]["properties"]["note"] = {"type": "integer"}

    assert breaks(old, old) == []
    assert breaks(old, new) == ["field `head.note`: type changed from 'string' to 'integer'"]
