"""A brand is a file; a wrong file stops the start with file, field and reason."""

import re

import pytest

from chassis.policies import BrandPolicy, InvalidPolicy, PolicyBook, UnknownBrand

PACKAGE = "tests.support.toy"


class Policy(BrandPolicy):
    notice_days: int = 30


def book_with(tmp_path, **files: str) -> PolicyBook[Policy]:
    """The toy's two brands and those in the extra directory."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    book = PolicyBook(Policy, PACKAGE)
    book.load(tmp_path)
    return book


@pytest.mark.requirement("POL-01")
def test_brands_come_from_the_package_and_a_sixth_from_a_file_alone(tmp_path):
    book = book_with(tmp_path, new_brand='brand = "new-brand"\nversion = "2026-12-01.2"\nnotice_days = 9')
    assert book.brands() == ["acme", "dynabook", "new-brand"]
    assert (book.of("new-brand").notice_days, book.of("acme").notice_days) == (9, 30)
    assert book.of("new-brand").version == "2026-12-01.2"


def test_a_file_in_the_extra_directory_replaces_the_packages_own(tmp_path):
    book = book_with(tmp_path, acme='brand = "acme"\nversion = "2027-01-01"\nnotice_days = 60')
    assert (book.of("acme").version, book.of("acme").notice_days) == ("2027-01-01", 60)


def test_without_an_extra_directory_a_book_reads_its_package():
    assert PolicyBook(Policy, PACKAGE).of("dynabook").brand == "dynabook"
    assert PolicyBook(Policy, PACKAGE).brands() == ["acme", "dynabook"]


@pytest.mark.requirement("POL-01")
def test_an_unknown_brand_is_answered_with_the_known_ones():
    with pytest.raises(UnknownBrand, match=re.escape("brand 'nobody' is unknown; known are acme, dynabook")) as unknown:
        PolicyBook(Policy, PACKAGE).of("nobody")
    assert (unknown.value.brand, unknown.value.accepted) == ("nobody", ["acme", "dynabook"])


START = 'brand = "b"\nversion = "2026-01-01"\n'
WRONG = [
    ('brand = "b"', ["version", "Field required"]),
    (START.replace("2026-01-01", "v1"), ["version", "pattern", "'v1'"]),
    (START.replace('"2026-01-01"', "2026-01-01"), ["version", "valid string", "datetime.date(2026, 1, 1)"]),
    (START + "notice_days = 'many'", ["notice_days", "integer", "'many'"]),
    (START + "colour = 'red'", ["colour", "not permitted", "'red'"]),
    (START + "[contacts]\nphone = 1", ["contacts"]),
    (START.replace('"b"', '"c"'), ["brand", "must be 'b'", "'c'"]),
    (START.replace('"b"', '"B B"'), ["brand", "pattern", "'B B'"]),
    (START + "notice_days = ", ["not a TOML file", "Invalid value"]),
    (START + "# \udcff", ["not a TOML file"]),
    ("", ["brand", "version"]),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=range(len(WRONG)))
@pytest.mark.requirement("POL-01")
def test_a_wrong_policy_is_refused_with_file_field_and_reason(tmp_path, text, said):
    with pytest.raises(InvalidPolicy) as refused:
        book_with(tmp_path, b=text)
    for word in ("b.toml", *said):
        assert word in str(refused.value)


def test_every_wrong_field_of_a_file_is_named_on_a_line_of_its_own(tmp_path):
    with pytest.raises(InvalidPolicy) as refused:
        book_with(tmp_path, b=START + "notice_days = 'x'\ncolour = 1")
    lines = str(refused.value).splitlines()
    assert [line.split(": ")[1] for line in lines] == ["notice_days", "colour"]


def test_an_extra_directory_that_is_not_there_is_a_mistake_and_not_an_empty_one(tmp_path):
    with pytest.raises(InvalidPolicy, match=r"AFTERCARE_POLICIES: .*no such directory"):
        PolicyBook(Policy, PACKAGE).load(tmp_path / "nowhere")


def test_an_extra_directory_without_this_service_adds_nothing(tmp_path):
    book = PolicyBook(Policy, PACKAGE)
    book.load(tmp_path)
    assert book.brands() == ["acme", "dynabook"]
