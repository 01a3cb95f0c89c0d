"""May a published schema become this one inside its version? Full compatibility: old and new programs read each other.

Only an optional field and a new word of an open enumeration may come; everything else breaks one side (ALL-04).
"""

from collections.abc import Iterator
from typing import Any, Final

from event_schemas.base import Json as Schema
from event_schemas.json_schema import without_annotations

NULL: Final[Schema] = {"type": "null"}
STRUCTURE: Final = frozenset({"properties", "required", "items", "anyOf", "enum", "$defs"})
"""Words that are compared part by part; every other word has to stay as it is."""


def breaks(old: Schema, new: Schema) -> list[str]:
    """What in `new` a program that knows only `old` (or the other way round) would stumble over; empty = compatible.

    Each entry names field and rule, e.g. "field `base.amount`: type changed from 'string' to 'number'".
    The two need not be neighbours: comparing every earlier revision with the newest makes the check transitive.
    """
    return list(_differences(_inlined(without_annotations(old)), _inlined(without_annotations(new)), ""))


def _inlined(root: Schema) -> Schema:
    """The schema with each `$ref` replaced by what it points to, so that names of definitions do not matter."""
    definitions = root.get("$defs", {})

    def walk(node: Any, inside: tuple[str, ...]) -> Any:
        if isinstance(node, list):
            return [walk(each, inside) for each in node]
        if not isinstance(node, dict):
            return node
        name = str(node.get("$ref", "")).removeprefix("#/$defs/")
        if name in definitions and name not in inside:  # a shape inside itself keeps its reference
            beside = {word: value for word, value in node.items() if word != "$ref"}
            return walk({**definitions[name], **beside}, (*inside, name))
        return {word: walk(value, inside) for word, value in node.items()}

    inlined: Schema = walk({word: value for word, value in root.items() if word != "$defs"}, ())
    return inlined


def _differences(old: Schema, new: Schema, path: str) -> Iterator[str]:
    if (old_null := _nullable(old)) != _nullable(new):
        yield f"{_at(path)}: null was {'allowed and is not any more' if old_null else 'refused and is allowed now'}"
    old, new = _not_null(old), _not_null(new)
    for word in sorted((old.keys() | new.keys()) - STRUCTURE):
        if old.get(word) != new.get(word) or (word in old) != (word in new):
            yield f"{_at(path)}: {word} changed from {_said(old, word)} to {_said(new, word)}"
    yield from _fields(old, new, path)
    yield from _words(old, new, path)
    yield from _alternatives(old, new, path)
    if "items" in old or "items" in new:
        yield from _differences(_schema(old.get("items")), _schema(new.get("items")), f"{path}[]")


def _fields(old: Schema, new: Schema, path: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, needs = set(old.get("required", ())), set(new.get("required", ()))
    for name in before.keys() - after.keys():
        yield f"{_at(path, name)}: was removed or renamed"
    for name in sorted(needs - needed):
        yield f"{_at(path, name)}: " + ("was optional and is required now" if name in before else "is new and required")
    for name in sorted(needed - needs):
        if name in after:
            yield f"{_at(path, name)}: was required and is optional now"
    for name in before.keys() & after.keys():
        yield from _differences(_schema(before[name]), _schema(after[name]), f"{path}.{name}".lstrip("."))


def _words(old: Schema, new: Schema, path: str) -> Iterator[str]:
    """Words of an enumeration that stands alone: closed, so a new word is as bad as a lost one."""
    if ("enum" in old) != ("enum" in new):
        yield f"{_at(path)}: enum changed from {_said(old, 'enum')} to {_said(new, 'enum')}"
        return
    yield from _dropped(old, new, path)
    for word in new.get("enum", ()):
        if word not in old.get("enum", ()):
            yield f"{_at(path)}: word {word!r} is new in a closed enumeration"


def _dropped(old: Schema, new: Schema, path: str) -> Iterator[str]:
    for word in old.get("enum", ()):
        if word not in new.get("enum", ()):
            yield f"{_at(path)}: known word {word!r} was dropped"


def _alternatives(old: Schema, new: Schema, path: str) -> Iterator[str]:
    before, after = old.get("anyOf", []), new.get("anyOf", [])
    if len(before) != len(after):
        yield f"{_at(path)}: anyOf changed from {_said(old, 'anyOf')} to {_said(new, 'anyOf')}"
    elif _is_open(before) and _is_open(after):
        yield from _dropped(before[0], after[0], path)
    else:
        for one, other in zip(before, after, strict=True):
            yield from _differences(_schema(one), _schema(other), path)


def _is_open(alternatives: list[Any]) -> bool:
    """An enumeration of known words beside any other string, as OpenEnum is published."""
    return len(alternatives) == 2 and set(alternatives[0]) == {"enum"} and alternatives[1] == {"type": "string"}


def _nullable(node: Schema) -> bool:
    return NULL in node.get("anyOf", ())


def _not_null(node: Schema) -> Schema:
    if not _nullable(node):
        return node
    rest = [each for each in node["anyOf"] if each != NULL]
    beside = {word: value for word, value in node.items() if word != "anyOf"}
    return {**rest[0], **beside} if len(rest) == 1 else {**beside, "anyOf": rest}


def _schema(node: Any) -> Schema:
    """JSON Schema lets `true` and `false` stand for a schema."""
    return node if isinstance(node, dict) else {} if node in (True, None) else {"not": {}}


def _at(path: str, name: str = "") -> str:
    field = f"{path}.{name}".strip(".")
    return f"field `{field}`" if field else "the event"


def _said(node: Schema, word: str) -> str:
    return repr(node[word]) if word in node else "nothing"
