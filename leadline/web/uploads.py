"""What may be uploaded at all: the door closes before a disk is full of what nobody keeps."""

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from leadline.activities.files import MOST_BYTES


class Bounded(FileUploadHandler):
    """Stops reading a request whose files together are larger than one may be.

    The view then finds no file; the rest of the request is read and thrown away.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.read_bytes = getattr(self, "read_bytes", 0) + len(raw_data)
        if self.read_bytes > MOST_BYTES + self.chunk_size:
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
