"""The web child of the supervisor: uvicorn on the listening socket that it inherited."""

import socket
import sys

import uvicorn

from leadline.config import logs
from leadline.config.protocol import Protocol
from leadline.lib import parent

# A request gets this long to end after SIGTERM; open event streams are closed.
GRACE_SECONDS = 10
# Longer than any proxy's own limit, so that it is never we who close an idle connection first.
KEEP_ALIVE_SECONDS = 75


def serve(descriptor: int) -> None:
    """Serve until SIGTERM. One process: on SQLite it is the only writer of the inbox."""
    logs.catch_the_rest()
    config = uvicorn.Config(
        "leadline.config.asgi:application",
        loop="uvloop",
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    parent.end_with(int(sys.argv[1]))
    serve(int(sys.argv[2]))
