"""What a file is, by its content: what it is called does not matter, and most kinds are refused."""

import io
import zipfile
import zlib

import pytest

from leadline.lib import file_type
from leadline.lib.file_type import NotAllowed

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def archive(**members: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as written:
        for name, content in members.items():
            written.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return made.getvalue()


def damaged(*, old: bytes, new: bytes) -> bytes:
    """A packed document some bytes of which were changed on the way, or on purpose."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("mimetype", ODS)
        written.writestr("Grüße", "x")
    content = made.getvalue()
    assert old in content
    return content.replace(old, new)


def _packed_mimetype() -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(ODS.encode()) + packer.flush()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7\n...", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\x01\x02\x03\x04WEBPVP8 ", "image/webp"),
        (b"name;city\nGrace;K\xf6ln\n", "text/plain"),
        ("Grüße\tan alle\r\n".encode(), "text/plain"),
        (archive(word__document_xml="<w/>"), DOCX),
        (archive(mimetype=ODS, content_xml="<x/>"), ODS),
    ],
)
def test_a_kind_that_is_kept_is_known_by_its_content(content: bytes, media_type: str) -> None:
    file = io.BytesIO(content)
    assert file_type.of(file).media_type == media_type
    assert file.tell() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<html><script>alert(1)</script>", b"  \n<!DOCTYPE html>", b"<svg onload=x>",
        b"<?xml version='1.0'?><svg/>", b"\xef\xbb\xbf<script>", b"#!/bin/sh\nrm",
        b"MZ\x90\x00\x03", b"\x7fELF\x02", b"PK\x03\x04 not really", b"text then \x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1",
        archive(**{"setup.exe": "MZ"}), archive(mimetype="application/epub+zip"),
        archive(word__document_xml="<w/>", **{"word/vbaProject.bin": "x"}),
        damaged(old=_packed_mimetype(), new=b"\xff" * len(_packed_mimetype())),
        damaged(old="Grüße".encode(), new=b"Gr\xc3\xc3\x9f\x9fe"),
    ],
)  # fmt: skip
def test_what_somebody_could_run_or_nobody_knows_is_refused(content: bytes) -> None:
    with pytest.raises(NotAllowed):
        file_type.of(io.BytesIO(content))
