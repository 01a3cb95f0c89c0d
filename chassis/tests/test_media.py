"""A file is what its content says; its name is made safe; a picture is kept without what it tells besides."""

import io
import random
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from tests.support.samples import CSV, GPS, PDF, bomb, many_scans, photo, picture

from chassis import media

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100)
EXE = b"MZ\x90\x00\x03\x00" + bytes(100)


def redrawn(content: bytes, media_type: str) -> tuple[bytes, Image.Image]:
    into = io.BytesIO()
    media.redraw(io.BytesIO(content), media_type, into)
    image = Image.open(io.BytesIO(into.getvalue()))
    image.load()
    return into.getvalue(), image


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (PDF, "invoice.pdf", "application/pdf"),
        (PDF, "invoice.txt", "application/pdf"),
        (picture("JPEG"), "invoice.pdf", "image/jpeg"),
        (picture("PNG"), "a.csv", "image/png"),
        (picture("WEBP"), "", "image/webp"),
        (CSV.encode(), "dossier.csv", "text/csv"),
        (CSV.encode("utf-8-sig"), "DOSSIER.CSV", "text/csv"),
        (CSV.encode("cp1252"), "dossier.csv", "text/csv"),
        (CSV.encode(), "dossier.xls", "text/plain"),
        (b"BM;serial\r\n", "a.csv", "text/csv"),
        (b"MZ;serial\r\n", "a.csv", "text/csv"),
        (b"x" * 2_000_000 + "é".encode(), "long.txt", "text/plain"),
        (b"x" * (media.MEBIBYTE - 1) + "é".encode(), "cut.txt", "text/plain"),
    ],
)
@pytest.mark.requirement("REG-16", "REG-19")
def test_a_file_is_what_its_content_says(content, name, expected):
    assert media.type_of(io.BytesIO(content), name) == expected


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (HEIC, "photo.jpg", "image/heic"),
        (EXE, "invoice.pdf", "application/x-msdownload"),
        (b"PK\x03\x04\x14\x00\x00\x00" + bytes(99), "dossier.csv", "application/zip"),
        (b"GIF89a\x01\x00\x01\x00" + bytes(99), "photo.png", "image/gif"),
        (b"{\\rtf1 Dear Sir}", "letter.txt", "application/rtf"),
        (b"%!PS-Adobe-3.0\n", "letter.pdf", "application/postscript"),
        (b"\x00" + PDF, "invoice.pdf", "application/octet-stream"),
        (CSV.encode("utf-16"), "dossier.csv", "application/octet-stream"),
        (b"serial\r\nX1\x00", "dossier.csv", "application/octet-stream"),
        (b"x" * 3_000_000 + b"\x00", "long.txt", "application/octet-stream"),
        (b"neither UTF-8 nor Windows-1252: \x81", "a.txt", "application/octet-stream"),
    ],
)
@pytest.mark.requirement("REG-16", "REG-19")
def test_what_is_not_accepted_is_named_whatever_the_name_says(content, name, found):
    assert media.type_of(io.BytesIO(content), name) == found
    assert found not in media.EXTENSIONS


def test_text_may_be_longer_than_anything_else():
    assert media.longest(CSV.encode()) == media.longest(b"") == 64 * 1024 * 1024
    for other in (PDF, picture("PNG"), picture("JPEG"), picture("WEBP"), EXE):
        assert media.longest(other) == 10 * 1024 * 1024


@pytest.mark.requirement("REG-16")
def test_a_photo_keeps_neither_place_nor_comment_nor_what_was_appended():
    sent = photo()
    assert GPS in sent
    assert b"taken by me" in sent
    kept, image = redrawn(sent, "image/jpeg")
    for secret in (GPS, b"taken by me", b"Exif", b"<script>"):
        assert secret not in kept
    assert (image.format, image.size) == ("JPEG", (60, 40))


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
@pytest.mark.requirement("REG-16")
def test_metadata_goes_from_every_kind_of_picture(form):
    exif = Image.Exif()
    exif[0x010E] = GPS.decode()
    sent = picture(form, exif=exif, icc_profile=b"p" * 500) + GPS
    kept, image = redrawn(sent, f"image/{form.lower()}")
    assert sent.count(GPS) == 2
    assert GPS not in kept
    assert b"ppp" not in kept
    assert image.format == form


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [(1, (60, 40), (5, 20)), (3, (60, 40), (55, 20)), (6, (40, 60), (20, 5)), (8, (40, 60), (20, 55))],
)
def test_a_photo_taken_sideways_is_kept_upright(orientation, size, red):
    image = redrawn(photo(orientation), "image/jpeg")[1]
    assert image.size == size
    assert image.getpixel(red)[0] > 200
    assert image.getpixel((size[0] - red[0], size[1] - red[1]))[2] > 200


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16", "RGB", "RGBA", "P"])
def test_every_kind_of_png_can_be_kept(mode):
    drawn, out = Image.new(mode, (9, 9)), io.BytesIO()
    drawn.save(out, "PNG", **({"transparency": 0} if mode == "P" else {}))
    image = redrawn(out.getvalue(), "image/png")[1]
    assert (image.mode, image.info.get("transparency")) == (mode, 0 if mode == "P" else None)


def test_a_picture_for_printers_is_kept_in_the_colours_of_screens():
    assert redrawn(picture("JPEG", mode="CMYK"), "image/jpeg")[1].mode == "RGB"


def test_of_a_moving_picture_the_first_frame_is_kept():
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    for form in ("PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100, lossless=True)
        image = redrawn(out.getvalue(), f"image/{form.lower()}")[1]
        assert getattr(image, "n_frames", 1) == 1
        assert image.convert("RGB").getpixel((4, 4))[0] > 200


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (10_000, 9_000), (50_001, 1_000)])
@pytest.mark.requirement("REG-16")
def test_a_bomb_is_refused_with_its_size_before_it_is_unpacked(width, height):
    with pytest.raises(media.TooManyPixels):
        redrawn(bomb(width, height), "image/png")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.requirement("REG-16")
def test_a_picture_that_is_damaged_or_another_is_refused(form):
    media_type, whole = f"image/{form.lower()}", picture(form, (400, 400))
    others = picture("JPEG" if form == "PNG" else "PNG")
    for broken in (whole[: len(whole) // 2], whole[:40], whole[:16], others, whole[:30] + bytes(300), b""):
        with pytest.raises(media.BrokenImage):
            redrawn(broken, media_type)


def test_a_jpeg_with_hundreds_of_passes_is_refused_and_an_ordinary_one_of_several_is_not():
    assert redrawn(many_scans(1), "image/jpeg")[1].size == (400, 400)
    with pytest.raises(media.BrokenImage, match="scans"):
        redrawn(many_scans(300), "image/jpeg")


def test_a_photo_with_a_film_behind_it_is_kept_without_the_film():
    film = random.Random(7).randbytes(9_000_000)
    assert film.count(b"\xff\xda") > media.MOST_SCANS
    kept, image = redrawn(photo() + film, "image/jpeg")
    assert (image.size, len(kept) < 10_000) == ((60, 40), True)


@pytest.mark.parametrize(
    ("said", "media_type", "safe"),
    [
        ("invoice.pdf", "application/pdf", "invoice.pdf"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("..\\..\\C:\\windows\\win.ini", "text/plain", "win.txt"),
        ("..", "application/pdf", "document.pdf"),
        ("", "image/png", "document.png"),
        (".htaccess", "text/plain", "htaccess.txt"),
        ("photo.jpeg", "image/jpeg", "photo.jpg"),
        ("invoice.pdf.exe", "application/pdf", "invoice.pdf.pdf"),
        ("Facture n° 12 – Brûlé.pdf", "application/pdf", "Facture n° 12 – Brûlé.pdf"),
        ("Facture Bru\u0302le\u0301.pdf", "application/pdf", "Facture Brûlé.pdf"),
        ("请求.csv", "text/csv", "请求.csv"),
        ("a\r\nSet-Cookie: x\x00.pdf", "application/pdf", "a Set-Cookie x.pdf"),
        ('a"b<c>|d?*e%20.png', "image/png", "abcde20.png"),
        ("invoice\u202efdp.exe", "application/pdf", "invoicefdp.pdf"),
        ("x" * 500, "text/csv", "x" * 116 + ".csv"),
    ],
)
@pytest.mark.requirement("REG-16")
def test_a_name_is_safe_and_has_the_extension_of_the_type(said, media_type, safe):
    assert media.safe_name(said, media_type) == safe


@given(said=st.text(max_size=300), media_type=st.sampled_from(sorted(media.EXTENSIONS)))
@example(said="x" * 115 + ". y", media_type="text/csv")
def test_no_text_at_all_makes_an_unsafe_name(said, media_type):
    name = media.safe_name(said, media_type)
    assert name.endswith(media.EXTENSIONS[media_type])
    assert len(media.EXTENSIONS[media_type]) < len(name) <= 120
    assert not set('/\\<>:"|?*%') & set(name)
    assert all(unicodedata.category(sign)[0] != "C" and sign.isprintable() for sign in name)
    assert unicodedata.is_normalized("NFC", name)
    assert name[0] not in ". "
    assert media.safe_name(name, media_type) == name or "." in name.removesuffix(media.EXTENSIONS[media_type])
