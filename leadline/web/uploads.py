"""What may be uploaded at all: the door closes before a disk is full of what nobody keeps."""

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from leadline.activities.files import MOST_BYTES

MOST_BYTES_OF_RATES = 16_000_000
_MOST = {"currencies": MOST_BYTES_OF_RATES}
"""By the name of the page, where it is not as much as a file on a lead."""


class Bounded(FileUploadHandler):
    """Stops reading a request whose files together are larger than one may be on its page.

    The view then finds no file and asks `was_too_large`; the rest of the request is read and
    thrown away.
    """

    read_bytes = 0
    has_stopped = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.read_bytes += len(raw_data)
        if self.read_bytes > _most(self.request) + self.chunk_size:
            self.has_stopped = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def was_too_large(request: HttpRequest) -> bool:
    """Was there a file that the door has dropped? Only to be asked after reading the form."""
    return any(isinstance(each, Bounded) and each.has_stopped for each in request.upload_handlers)


def _most(request: HttpRequest | None) -> int:
    page = request.resolver_match if request is not None else None
    return _MOST.get((page.url_name if page else None) or "", MOST_BYTES)
