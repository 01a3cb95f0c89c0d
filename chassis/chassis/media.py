"""What a file really is, by its content and whatever its name says (REG-16, TKT-05)."""

import codecs
import re
import unicodedata
from typing import BinaryIO, Final

import filetype
from PIL import Image, ImageOps

IMAGES: Final = {
    "image/jpeg": ("JPEG", 50_000_000),
    "image/png": ("PNG", 50_000_000),
    "image/webp": ("WEBP", 20_000_000),
}
"""Pillow's name of each, and the most pixels that it takes: about 400 MB of memory and some seconds."""
PDF: Final = "application/pdf"
EXTENSIONS: Final = {
    PDF: ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp",
    "text/csv": ".csv", "text/plain": ".txt",
}  # fmt: skip
"""The accepted types. Text is UTF-8 or Windows-1252."""
UNKNOWN: Final = "application/octet-stream"

HEAD_BYTES: Final = 8192
"""So much of the start tells the type."""
MEBIBYTE: Final = 1024 * 1024
LONGEST_TEXT: Final = 64 * MEBIBYTE
LONGEST: Final = 10 * MEBIBYTE
"""Of everything that is not text."""
MOST_SCANS: Final = 50
"""A progressive JPEG has about ten; each costs a pass over the whole picture, however few bytes it has."""
MARK_BY_CHANCE: Final = 32_768
"""In so many bytes of a film that a telephone appends, the mark of a scan turns up less than once."""
LONGEST_NAME: Final = 120

# letters, and yet not what a reader of text expects
_MARKUP: Final = ("application/rtf", "application/postscript")
_FORBIDDEN: Final = frozenset('/\\<>:"|?*%')


class BrokenImage(ValueError):
    """It begins like an image, and is none that can be read."""


class TooManyPixels(ValueError):
    """The image would fill the memory when it is unpacked."""


def guessed(head: bytes) -> str | None:
    """The type that the first bytes tell; None where they tell nothing, as with text."""
    if head.startswith(b"%PDF-"):
        return PDF
    found: str | None = filetype.guess_mime(head) if head else None
    return UNKNOWN if found == PDF else found  # a PDF that does not begin with its mark is for no reader


def longest(head: bytes) -> int:
    """The most bytes that a file may have which begins like this."""
    binary = guessed(head) in {PDF, *IMAGES} or b"\x00" in head
    return LONGEST if binary else LONGEST_TEXT


def type_of(file: BinaryIO, name: str) -> str:
    """The media type of a whole file. It is accepted when it is a key of EXTENSIONS.

    Of texts, those whose name ends in .csv are `text/csv`: nothing in them could tell.
    """
    file.seek(0)
    found = guessed(file.read(HEAD_BYTES))
    if found in {PDF, *IMAGES, *_MARKUP}:
        return found or UNKNOWN
    # only now, as a few letters at the start of a text may be the mark of something else: "BM", "MZ"
    if _decodes(file, "utf-8") or _decodes(file, "cp1252"):
        return "text/csv" if name.lower().endswith(".csv") else "text/plain"
    return found if found and found not in EXTENSIONS else UNKNOWN


def redraw(image: BinaryIO, media_type: str, into: BinaryIO) -> None:
    """Write the picture alone: upright, without metadata, colour profile, further frames and whatever was appended.

    Raises BrokenImage or TooManyPixels. Takes seconds: call it in a thread, and not in many at once.
    """
    try:
        _draw(image, *IMAGES[media_type], into)
    except (TooManyPixels, Image.DecompressionBombError):
        raise TooManyPixels from None
    except Exception as error:  # whatever a library makes of a stranger's bytes, they are no image
        raise BrokenImage(f"{type(error).__name__}: {error}") from None


def _draw(image: BinaryIO, form: str, most_pixels: int, into: BinaryIO) -> None:
    image.seek(0)
    content = image.read()
    if form == "JPEG" and content.count(b"\xff\xda") > MOST_SCANS + len(content) // MARK_BY_CHANCE:
        raise BrokenImage("too many scans")
    with Image.open(image, formats=[form]) as picture:
        if picture.width * picture.height > most_pixels:
            raise TooManyPixels
        ImageOps.exif_transpose(picture, in_place=True)
        picture.info = {name: value for name, value in picture.info.items() if name == "transparency"}
        upright = picture.convert("RGB") if picture.mode == "CMYK" else picture
        upright.save(into, form, quality=90)


def safe_name(said: str, media_type: str) -> str:
    """A name without path, control and invisible characters, at most 120 long, with the extension of the type."""
    base = unicodedata.normalize("NFC", said).replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in " ".join(base.split()) if unicodedata.category(sign)[0] != "C")
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", "".join(sign for sign in shown if sign not in _FORBIDDEN).strip(" ."))
    extension = EXTENSIONS[media_type]
    cut = unicodedata.normalize("NFC", stem)[: LONGEST_NAME - len(extension)].strip(" .")
    return (cut or "document") + extension


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := file.read(MEBIBYTE):
            if b"\x00" in piece:
                return False
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
