"""Values that exist, gathered from answers and facts, and put into generated requests, so that these go deep."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, Final, TypeVar

T = TypeVar("T")
MOST: Final = 20
CHANCE: Final = 0.8
SAME: Final = {"certificate_number": "certificate", "next_cursor": "cursor"}
"""Fields of answers and facts that a request calls by another name."""
DOCUMENTS: Final = ("file", "attachment_id", "purchase_invoices", "service_invoices", "proof_of_purchase", "documents")
"""Fields of requests that name kept documents, one or several."""


class Known:
    """The last values seen in each field whose name says that it identifies something."""

    def __init__(self, **values: list[Any]) -> None:
        self._values: dict[str, list[Any]] = defaultdict(list, values)
        self._random = Random(42)

    def chance(self) -> bool:
        """Yes, most of the time."""
        return self._random.random() < CHANCE

    def learn(self, answer: Any) -> None:
        """Remember the identifiers in an answer or a fact, at any depth."""
        for name, value in fields(answer):
            if isinstance(value, str) and value and (name.endswith(("_id", "code", "token")) or name in SAME):
                seen = self._values[SAME.get(name, name)]
                seen[:] = [value, *(other for other in seen if other != value)][:MOST]

    def choose(self, values: Sequence[T]) -> T:
        """One of some values."""
        return self._random.choice(values)

    def put_into(self, request: Any) -> None:
        """Replace, most of the time, what a request says in such a field by something that exists."""
        for holder in holders(request):
            for name in holder:
                values = self._values.get("document_id" if name in DOCUMENTS else name)
                if values and self.chance():
                    one = self._random.choice(values)
                    holder[name] = [one] if isinstance(holder[name], list) else one


def holders(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a JSON value, itself first."""
    if isinstance(value, dict):
        yield value
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for part in parts:
        yield from holders(part)


def fields(value: Any) -> Iterator[tuple[str, Any]]:
    """Every field inside a JSON value."""
    return ((name, part) for holder in holders(json.loads(json.dumps(value))) for name, part in holder.items())
