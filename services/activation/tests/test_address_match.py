"""One place however it is written, two places however alike they look: what is doubtful stays different (ACT-05)."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activation_service.sites.domain import Address
from activation_service.sites.match import compare, digest_of, is_letter_box

ENDS = {"FR": ("75008", "Paris"), "BE": ("9000", "Gent"), "DE": ("10115", "Berlin"), "GB": ("SW1A 2AA", "London")}
ENDS |= {"NL": ("1234 AB", "Utrecht"), "LU": ("1234", "Luxembourg"), "CH": ("8001", "Zürich"), "DK": ("8000", "Aarhus")}
ENDS |= {"CA": ("H2X 1Y4", "Montréal"), "US": ("10001", "New York"), "IE": ("D02 AF30", "Dublin")}


def at(street: str, country: str, postal_code: str = "", city: str = "") -> Address:
    code, town = ENDS.get(country, ("1000", "Town"))
    return Address(street=street, postal_code=postal_code or code, city=city or town, country=country)


SAME_STREETS = {
    "FR": [
        ("12 bd Haussmann", "12, boulevard Haussmann"),
        ("12 boul. Haussmann", "12 BD. HAUSSMANN"),
        ("5 av. de l'Opéra", "5 Avenue de l’Opera"),
        ("5 ave de l Opéra", "5, AVENUE DE L'OPERA"),
        ("7 r. St-Honoré", "7 rue Saint Honoré"),
        ("7 rue Ste Anne", "7, RUE SAINTE-ANNE"),
        ("3 pl. de la République", "3 place de la Republique"),
        ("8 all. des Tilleuls", "8 Allée des Tilleuls"),
        ("8 ch. du Moulin", "8 chemin du moulin"),
        ("21 rte de Lyon", "21 Route de Lyon"),
        ("4 imp. des Lilas", "4 impasse des Lilas"),
        ("n° 12 rue Verte", "12 rue Verte"),
        ("nr. 12 rue Verte", "rue Verte no 12"),
        ("12bis rue Verte", "12 BIS, rue Verte"),
        ("12 ter rue Verte", "rue Verte 12ter"),
        ("12 A rue Verte", "12a, rue Verte"),
        ("12-14 rue Verte", "rue Verte 12 - 14"),
        ("12/14 rue Verte", "12-14 rue Verte"),
        ("012 rue Verte", "12 rue Verte"),
        ("12 rue du 8 mai 1945", "rue du 8 mai 1945, 12"),
        ("6 rue François 1er", "rue François Ier 6"),
        ("Z.I. Nord, 9 rue Verte", "9 rue Verte, ZI Nord"),
        ("9 rue Verte, bâtiment B", "9 rue Verte bat. b"),
        ("9 rue Verte, 2e étage", "9 rue Verte étage 2"),
        ("9 rue Verte BP 123", "9 rue Verte"),
        ("10 av. du Gal Leclerc", "10 avenue du Général Leclerc"),
        ("Verte (rue) 12", "12 rue verte"),
        ("12 rue de l’Œuvre", "12 rue de l'Oeuvre"),
    ],
    "BE": [
        ("Kerkstr. 12", "Kerkstraat 12"),
        ("kerk straat 12", "12 KERKSTRAAT"),
        ("Kerkstraat 12/3", "Kerkstraat 12 bus 3"),
        ("Kerkstraat 12 bte 3", "Kerkstraat 12, boîte 3"),
        ("Chée de Wavre 100", "Chaussée de Wavre 100"),
        ("Leuvensestwg 100", "Leuvensesteenweg 100"),
        ("Sint-Jansplein 4", "St. Jans plein 4"),
        ("Louizalaan 5", "Louiza laan 5"),
        ("Bd. Anspach 1", "Boulevard Anspach, 1"),
        ("Rue d’Arlon 53", "53 rue d'Arlon"),
        ("Burg. Maxlaan 7", "Burgemeester Max laan 7"),
        ("Square Ambiorix 2", "sq. Ambiorix 2"),
    ],
    "DE": [
        ("Müllerstraße 5a", "Muellerstr. 5 A"),
        ("MÜLLERSTRASSE 5A", "Müller-Str. 5a"),
        ("Straße des 17. Juni 135", "135, Strasse des 17 Juni"),
        ("Marktplatz 1", "Markt-Platz 1"),
        ("Übersee-Allee 2", "Uebersee Allee 2"),
        ("Goethestr. 3", "Göthestraße 3"),
        ("St.-Anna-Str. 22", "Sankt-Anna-Straße 22"),
    ],
    "GB": [
        ("10 Downing St", "10 Downing Street"),
        ("Downing Street, 10", "10 DOWNING ST."),
        ("Flat 3, 12 High Rd", "12 High Road, flat 3"),
        ("1 St James's Sq", "1 Saint James's Square"),
    ],
    "NL": [("Plein 1813 nr 4", "Plein 1813, 4"), ("Kerkstr. 12", "Kerkstraat 12"), ("’t Hof 3", "t Hof 3")],
    "CA": [("100 rue St-Denis", "100 Rue Saint-Denis"), ("5 Main St", "5 Main Street")],
    "US": [("350 W Main St", "350 West Main Street")],
    "LU": [("5 r. Notre-Dame", "5 rue Notre Dame"), ("Grand-Rue 3", "3 Grand'Rue")],
    "DK": [("Åboulevarden 3", "Aaboulevarden 3"), ("Østergade 5", "Oestergade 5")],
}


@pytest.mark.requirement("ACT-05")
@pytest.mark.parametrize(
    ("country", "one", "other"), [(country, *pair) for country, pairs in SAME_STREETS.items() for pair in pairs]
)
def test_one_street_and_number_however_written(country, one, other):
    assert compare(at(one, country), at(other, country)).differences == ()
    assert digest_of(at(one, country)) == digest_of(at(other, country))


DIFFERENT_STREETS = [
    ("FR", "12 rue Verte", "14 rue Verte", "house_number"),
    ("FR", "12 rue Verte", "12 bis rue Verte", "house_number"),
    ("FR", "12 bis rue Verte", "12 ter rue Verte", "house_number"),
    ("FR", "12 bis rue Verte", "12 B rue Verte", "house_number"),
    ("FR", "12 rue Verte", "rue Verte", "house_number"),
    ("FR", "12 rue Verte", "12-14 rue Verte", "house_number"),
    ("FR", "122 rue Verte", "12² rue Verte", "house_number"),
    ("FR", "12 rue Verte", "1 2 rue Verte", "house_number"),
    ("FR", "8 rue du 12 mai", "12 rue du 8 mai", "house_number"),
    ("FR", "12 rue Victor Hugo", "12 avenue Victor Hugo", "street"),
    ("FR", "12 avenue Victor Hugo", "12 place Victor Hugo", "street"),
    ("FR", "12 rue Saint Paul", "12 rue Sainte Paul", "street"),
    ("FR", "12 rue Verte", "12 rue Vertes", "street"),
    ("FR", "12 rue du 8 mai 1945", "12 rue du 8 mai 1946", "street"),
    ("FR", "12 rue Verte", "BP 12", "street"),
    ("FR", "BP 12", "BP 13", "box"),
    ("FR", "BP 123 12 rue Verte", "BP 123 14 rue Verte", "house_number"),
    ("FR", "Mairie, BP 12", "Mairie, BP 13", "box"),
    ("FR", "12 rue Verte, bât. A", "12 rue Verte, bât. B", "box"),
    ("BE", "Kerkstraat 12", "Kerkstraat 12 bus 3", "box"),
    ("BE", "Kerkstraat 12 bus 3", "Kerkstraat 12 bus 4", "box"),
    ("BE", "Kerkstraat 12 bus 3", "Kerkstraat 123", "house_number"),
    ("BE", "Kerkstraat 12", "Kerklaan 12", "street"),
    ("BE", "Ch. de Wavre 100", "Chaussée de Wavre 100", "street"),
    ("BE", "Postbus 12", "Kerkstraat 12", "street"),
    ("NL", "Loestraat 3", "Lostraat 3", "street"),
    ("BE", "Kerkstraat 12/A", "Kerkstraat 12A", "house_number"),
    ("FR", "3 rue du Col", "3 rue du Colonel", "street"),
    ("DE", "Müllerstraße 5", "Möllerstraße 5", "street"),
    ("DE", "Neue Straße 5", "Neustraße 5", "street"),
    ("DE", "Neuenweg 5", "Neunweg 5", "street"),
    ("GB", "P.O. Box 10", "10 Box Street", "street"),
    ("GB", "10 St John Street", "10 John Street", "street"),
]


@pytest.mark.requirement("ACT-05")
@pytest.mark.parametrize(("country", "one", "other", "part"), DIFFERENT_STREETS)
def test_two_streets_numbers_or_boxes_are_two_places(country, one, other, part):
    found = compare(at(one, country), at(other, country))
    assert not found.same
    assert part in found.differences


ENDINGS = [
    ("FR", ("75001", "Paris"), ("F-75001", "PARIS"), True),
    ("FR", ("75001", "Paris"), ("FR 75001", "Paris 1er"), True),
    ("FR", ("75008", "Paris"), ("75 008", "Paris 8e arrondissement"), True),
    ("FR", ("75008", "Paris"), ("75008", "75008 Paris"), True),
    ("FR", ("75008", "Paris"), ("75008 CEDEX 08", "Paris"), True),
    ("FR", ("69003", "Lyon"), ("69003", "Lyon 3ème"), True),
    ("FR", ("75116", "Paris"), ("75116", "Paris 16"), True),
    ("FR", ("75008", "Paris"), ("75008", "PARIS CEDEX 08"), True),
    ("FR", ("75008", "Paris"), ("75380 CEDEX 08", "Paris"), False),
    ("FR", ("75008", "Paris"), ("75008", "Paris 9e"), False),
    ("FR", ("75008", "Paris"), ("75009", "Paris"), False),
    ("FR", ("42000", "Saint-Étienne"), ("42000", "ST ETIENNE"), True),
    ("FR", ("97400", "Saint-Denis"), ("93200", "Saint-Denis"), False),
    ("BE", ("1000", "Bruxelles"), ("B-1000", "Brussel"), True),
    ("BE", ("1000", "Bruxelles/Brussel"), ("1000", "Brussels"), True),
    ("BE", ("1000", "Bruxelles - Brussel"), ("1000", "BRUXELLES"), True),
    ("BE", ("9000", "Gand"), ("9000", "Gent"), True),
    ("BE", ("1060", "Saint-Gilles / Sint-Gillis"), ("1060", "St-Gillis"), True),
    ("BE", ("1420", "Braine-l’Alleud"), ("1420", "Eigenbrakel"), True),
    ("BE", ("1050", "Bruxelles"), ("1050", "Ixelles"), False),
    ("BE", ("7000", "Mons"), ("7000", "Bergen"), True),
    ("BE", ("7000", "Mons"), ("2000", "Mons"), False),
    ("LU", ("L-1234", "Luxembourg"), ("1234", "Lëtzebuerg"), True),
    ("LU", ("4001", "Esch-sur-Alzette"), ("L-4001", "Esch-Uelzecht"), True),
    ("NL", ("1234AB", "'s-Gravenhage"), ("1234 ab", "Den Haag"), True),
    ("NL", ("1234 AB", "Utrecht"), ("1234 AC", "Utrecht"), False),
    ("GB", ("SW1A1AA", "London"), ("SW1A 1AA", "LONDON"), True),
    ("GB", ("SW1A 1AA", "London"), ("SW1A 1AB", "London"), False),
    ("DE", ("D-50667", "Köln"), ("50667", "Koeln"), True),
    ("CH", ("CH-1201", "Genève"), ("1201", "Genf"), True),
    ("US", ("10001-1234", "New York"), ("10001", "New York"), True),
    ("US", ("10001", "New York"), ("10002", "New York"), False),
]


@pytest.mark.requirement("ACT-05")
@pytest.mark.parametrize(("country", "one", "other", "same"), ENDINGS)
def test_postal_codes_and_towns_are_told_apart_and_together(country, one, other, same):
    found = compare(at("Main 12", country, *one), at("Main 12", country, *other))
    assert found.same is same
    assert set(found.differences) <= {"postal_code", "city"}


@pytest.mark.requirement("ACT-05")
def test_another_country_is_another_place():
    assert compare(at("Grand'Rue 1", "LU", "1234", "X"), at("Grand'Rue 1", "BE", "1234", "X")).differences == (
        "country",
    )


def test_only_a_box_without_a_house_is_a_letter_box():
    yes = ["BP 12", "B.P. 12", "Boîte postale 12", "PO Box 55", "P.O. Box 55", "Postbus 3", "Postfach 3", "CS 20013"]
    no = ["12 rue Verte", "12 rue Verte, BP 12", "Kerkstraat 12 bus 3", "Box 3", "Postbusstraat 12"]
    assert [is_letter_box(at(street, "FR")) for street in yes] == [True] * len(yes)
    assert [is_letter_box(at(street, "FR")) for street in no] == [False] * len(no)


def test_the_tables_hold_more_than_eighty_pairs():
    assert sum(map(len, SAME_STREETS.values())) + len(DIFFERENT_STREETS) + len(ENDINGS) >= 80


LETTERS = st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_characters="\x7f")
COUNTRY = st.sampled_from([*ENDS, "HK", "IT"])


@st.composite
def addresses(draw) -> Address:
    real = [(country, one) for country, pairs in SAME_STREETS.items() for pair in pairs for one in pair]
    if draw(st.booleans()):
        country, street = draw(st.sampled_from(real))
        return at(street, country)
    line = st.text(LETTERS, min_size=1, max_size=40).filter(lambda text: text.strip())
    return Address(
        street=draw(line), postal_code=draw(st.text(LETTERS, max_size=8)), city=draw(line), country=draw(COUNTRY)
    )


@pytest.mark.requirement("ACT-05")
@settings(max_examples=200, deadline=None)
@given(addresses(), addresses())
def test_every_address_is_itself_and_no_side_is_the_first(one, other):
    assert compare(one, one).same
    assert compare(one, other) == compare(other, one)
    assert compare(one, other).same is (digest_of(one) == digest_of(other)) is (not compare(one, other).differences)


def bare(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


@pytest.mark.requirement("ACT-05")
@settings(max_examples=100, deadline=None)
@given(st.sampled_from([(c, s) for c, pairs in SAME_STREETS.items() for pair in pairs for s in pair]), st.data())
def test_case_accents_and_blanks_make_no_difference(written, data):
    country, street = written
    changes = [str.upper, str.lower, bare, lambda text: text.replace(" ", "  "), lambda text: f" {text} "]
    changes += [lambda text: unicodedata.normalize("NFD", text), lambda text: text.replace(" ", "\u00a0")]
    other = street
    for change in data.draw(st.lists(st.sampled_from(changes), min_size=1, max_size=4)):
        other = change(other)
    assert compare(at(street, country), at(other, country)).differences == ()


FORMS = [
    ("FR", "{} rue Verte"),
    ("FR", "{} bis, rue du 8 mai 1945"),
    ("FR", "rue Verte, n° {}"),
    ("BE", "Kerkstr. {}/3"),
]
FORMS += [("BE", "Kerkstraat {} bus 12"), ("DE", "Straße des 17. Juni {}a"), ("GB", "Flat 7, {} High St")]
FORMS += [("FR", "BP 44 - {} rue Verte"), ("NL", "Plein 1813 nr {}"), ("US", "{} W 34th St"), ("FR", "{}-99 rue Verte")]


@pytest.mark.requirement("ACT-05")
@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FORMS), st.integers(1, 9999), st.integers(1, 9999))
def test_another_house_number_is_never_the_same_place(form, one, other):
    country, text = form
    assert compare(at(text.format(one), country), at(text.format(other), country)).same is (one == other)
