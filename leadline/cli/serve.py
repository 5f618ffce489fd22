"""`leadline serve`: everything in one process tree. Imports no Django."""

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import click

from leadline.cli import runtime
from leadline.config import environment
from leadline.worker import supervisor


@click.command("serve")
@runtime.data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535))
@runtime.json_option
@click.pass_context
def command(ctx: click.Context, data: Path | None, host: str, port: int, as_json: bool) -> None:
    """Run web, worker and timers on a data folder until Ctrl C or SIGTERM."""
    folder = runtime.choose_folder(data)
    if base_url := set_up(folder).get("base_url"):
        environment.set_default_base_url(str(base_url))

    public = environment.base_url()

    def say(event: Mapping[str, object]) -> None:
        if as_json:
            click.echo(json.dumps(event))
            return
        for line in sentences(event, folder=folder, base_url=public):
            click.echo(line)

    try:
        code = supervisor.run(address=supervisor.Address(host, port), say=say)
    except supervisor.CannotServe as problem:
        raise runtime.Refusal(str(problem)) from problem
    ctx.exit(code)


def set_up(folder: Path) -> Mapping[str, object]:
    """What `leadline setup` noted about this folder; empty before."""
    try:
        found: Mapping[str, object] = json.loads((folder / "set_up.json").read_text())
    except FileNotFoundError:
        return {}
    return found


def sentences(
    event: Mapping[str, object], *, folder: Path, base_url: str = environment.DEFAULT_BASE_URL
) -> list[str]:
    """What a person at the console should know when the tree is being served."""
    if event["event"] == "moved":
        return [f"From now on it serves the workspace in {event['folder']}"]
    is_public = urlsplit(base_url).hostname not in ("127.0.0.1", "localhost")
    lines = [f"Leadline runs on {event['url']}  (Ctrl C ends it)"]
    if event.get("needs_set_up"):
        home = base_url if is_public else event["url"]
        lines += [
            f"It has no owner yet. Become its owner on {home}/set-up",
            f"  one-time token  {event['token']}  (not asked for in a browser on this machine)",
        ]
    sign_in = folder / "sign_in.txt"
    if sign_in.exists():
        lines.append(sign_in.read_text().strip())
    numbered = urlsplit(str(event["url"]))
    if is_public:
        lines.append(f"  for everybody: {base_url}")
    elif numbered.hostname == "127.0.0.1":
        # A passkey belongs to a name; browsers make none for a number.
        lines.append(f"  with a passkey: http://localhost:{numbered.port}")
    return lines
