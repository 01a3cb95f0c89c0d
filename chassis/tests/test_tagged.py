"""One thing with an ETag: sent again only when it changed."""

from pydantic import BaseModel

from chassis.http.tagged import tagged


class Thing(BaseModel):
    name: str


def test_a_thing_has_a_tag_made_of_its_content_and_who_has_it_gets_the_tag_alone() -> None:
    first, same, other = tagged(Thing(name="a"), None), tagged(Thing(name="a"), None), tagged(Thing(name="b"), None)
    assert (first.status_code, first.body, first.headers["etag"]) == (200, b'{"name":"a"}', same.headers["etag"])
    assert first.headers["etag"] != other.headers["etag"]
    known = tagged(Thing(name="a"), f'"older", {first.headers["etag"]}')
    assert (known.status_code, known.body, known.headers["etag"]) == (304, b"", first.headers["etag"])
    assert tagged(Thing(name="b"), first.headers["etag"]).status_code == 200
