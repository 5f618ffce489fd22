"""`leadline` and the list of its commands."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

import leadline

# Command → (module, what `--help` says). The module is imported when the command is used.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "setup": ("set_up", "Prepare a workspace: database, owner, playbook, keys, demo."),
    "serve": ("serve", "Run web, worker and timers in one process tree."),
    "worker": ("work", "Add a worker process (PostgreSQL)."),
    "playbook": ("playbook", "Apply, export or compare a folder of rules."),
    "import": ("imports", "Bring in a CSV file, or preview it."),
    "backtest": ("backtest", "What a score model would have been worth in the past."),
    "scores": ("scores", "Show a score with its lines, or compute all again."),
    "lake": ("lake", "Refresh the lake, say how fresh it is, make it new, forget."),
    "segments": ("segments", "List segments, or compute who is in them again."),
    "backup": ("backup", "Copy everything while it runs, and prove the copy."),
    "restore": ("restore", "Bring a backup back to an empty folder."),
    "resume-sending": ("resume_sending", "Let messages leave again after a restore."),
    "upgrade": ("upgrade", "Back up, migrate, check; with a way back."),
    "move": ("move", "Move from the embedded SQLite to PostgreSQL."),
    "doctor": ("doctor", "Check that what is stored agrees with itself."),
    "apikey": ("apikey", "Make, list and revoke keys."),
    "user": ("user", "List, invite, deactivate people; let a locked-out owner in."),
    "bench": ("bench", "Run the benchmarks of a source checkout."),
}


class Commands(click.Group):
    """Finds commands by name and imports the one that is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"leadline.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:  # Any: click's own signature
        """Run the command; what is wrong with the environment is one sentence, wherever it is."""
        from leadline.cli import runtime
        from leadline.config import environment

        with runtime.refusing(environment.EnvironmentProblem):
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(leadline.__version__, prog_name="leadline")
def main() -> None:
    """Leadline: lead management in which every number explains itself."""
