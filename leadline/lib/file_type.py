"""What a file is, by its content and not by its name; what is not on the list is refused.

Documents, tables, pictures and plain text: what people send each other about a deal. Nothing that
a browser or an office program would run: no pages, no scripts, no drawings with scripts (SVG), no
documents with macros.
"""

import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

_HEAD_BYTES = 4_096
_PART_BYTES = 256 * 1024
_MOST_MEMBERS = 10_000


@dataclass(frozen=True, slots=True)
class Type:
    """A media type, and the endings that names of such files have, the usual one first."""

    media_type: str
    endings: tuple[str, ...]


class NotAllowed(ValueError):
    """A file of a kind that is not kept."""

    permanent = True


PDF = Type("application/pdf", (".pdf",))
TEXT = Type("text/plain", (".txt", ".csv", ".md", ".tsv", ".log", ".vcf", ".ics", ".eml"))
_HEADS = (
    (re.compile(rb"%PDF-"), PDF),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), Type("image/png", (".png",))),
    (re.compile(rb"\xff\xd8\xff"), Type("image/jpeg", (".jpg", ".jpeg"))),
    (re.compile(rb"GIF8[79]a"), Type("image/gif", (".gif",))),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), Type("image/webp", (".webp",))),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_PACKED = {
    "word/document.xml": Type(f"{_OFFICE}wordprocessingml.document", (".docx",)),
    "xl/workbook.xml": Type(f"{_OFFICE}spreadsheetml.sheet", (".xlsx",)),
    "ppt/presentation.xml": Type(f"{_OFFICE}presentationml.presentation", (".pptx",)),
}
_NAMED = {
    f"{_OPEN}text": Type(f"{_OPEN}text", (".odt",)),
    f"{_OPEN}spreadsheet": Type(f"{_OPEN}spreadsheet", (".ods",)),
    f"{_OPEN}presentation": Type(f"{_OPEN}presentation", (".odp",)),
}
_PROGRAM = re.compile(r"(^|/)(vbaProject\.bin|Basic/|Scripts/)", re.IGNORECASE)
_MARKUP = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|script|svg|\?xml|\?php|!--|iframe|img)"
    rb"|#!", re.IGNORECASE,
)  # fmt: skip
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def of(file: BinaryIO) -> Type:
    """What the file is; its position is at the beginning afterwards. Raises NotAllowed."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    try:
        for pattern, found in _HEADS:
            if pattern.match(head):
                return found
        return _packed(file) if head.startswith(b"PK\x03\x04") else _text(file, head)
    finally:
        file.seek(0)


# What reading a ZIP raises that is cut off, encrypted, broken inside or made to be so.
_DAMAGED = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError, EOFError, zlib.error,
    UnicodeDecodeError, struct.error,
)  # fmt: skip


def _packed(file: BinaryIO) -> Type:
    """An office document is a ZIP of a known form; nothing in it is unpacked but its name."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if len(names) > _MOST_MEMBERS or any(_PROGRAM.search(name) for name in names):
                raise NotAllowed("a document with macros")
            found = next((_PACKED[name] for name in names if name in _PACKED), None)
            return found or _opened(archive)
    except _DAMAGED:
        raise NotAllowed("an archive") from None


def _opened(archive: zipfile.ZipFile) -> Type:
    with archive.open("mimetype") as member:
        said = member.read(100).decode("ascii", "replace").strip()
    if said not in _NAMED:
        raise NotAllowed("an archive")
    return _NAMED[said]


def _text(file: BinaryIO, head: bytes) -> Type:
    """Whatever its encoding: no control characters, and no page or script in disguise."""
    if not head:
        raise NotAllowed("an empty file")
    if _MARKUP.match(head):
        raise NotAllowed("a page or a script")
    file.seek(0)
    while part := file.read(_PART_BYTES):
        if _CONTROL.search(part):
            raise NotAllowed("a file of an unknown kind")
    return TEXT
