"""Error messages of the command line: what the user can cure becomes one line, not a traceback.

Belongs here: recognising them, wherever in a chain of errors they lie. Does not belong here: anything that raises them.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wethink_assets.settings import Settings

_DISK = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
}
# SQLite's words, in which Dagster's run history and the lake's catalog say the same.
_SQLITE = {
    "database or disk is full": "the disk is full",
    "disk i/o error": "the disk is full or lost",
    "readonly database": "the disk is read-only",
    "no space left": "the disk is full",
}


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it, outermost first."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [e for e in (one.__cause__, one.__context__) if e is not None]


def in_one_line(error: BaseException, home: str) -> str | None:
    """The error and its cure in one line; None where the user cannot cure it. `home` is the data folder."""
    from resources.lake.catalog import LakeError
    from wethink_assets.extensions import ExtensionError

    for one in chain(error):
        if isinstance(one, (LakeError, ExtensionError)):
            return str(one)
        what = _DISK.get(one.errno or 0) if isinstance(one, OSError) else None
        what = what or next((w for mark, w in _SQLITE.items() if mark in str(one).lower()), None)
        if what:
            name = getattr(one, "filename", None)
            where = f" at {name}" if name else ""
            return (
                f"{what}{where}. Free space below {home}, or set WETHINK_HOME to a folder on another disk, and run the "
                "same command again: what was done stays done."
            )
    return None


def user_message(error: BaseException) -> str:
    """The error in one line for the user; of settings, each key with what is wrong with it, and never its value."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg'].removeprefix('Value error, ')}"
        for e in error.errors(include_input=False, include_url=False)
    )


class UnusableError(click.ClickException):
    """Nothing could begin, as where arguments are wrong."""

    exit_code = 2


def settings_or_exit(kind: type[click.ClickException] = click.ClickException) -> Settings:
    """The settings of this process, with the extensions that they name loaded.

    Raises:
        click.ClickException: they cannot be used; its message is one line.
    """
    from wethink_assets.settings import load_settings

    try:
        settings = load_settings()
        if settings.extensions:
            from wethink_assets.extensions import load_extensions

            load_extensions(settings.extensions)
        return settings
    except (FileNotFoundError, ValueError) as error:
        raise kind(user_message(error)) from error


class OneLine(click.Group):
    """A group whose commands end in one line where the cure is in the user's hands."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from wethink_assets.settings import load_settings

            line = in_one_line(error, str(load_settings().home))
            if line is None:
                raise
            raise click.ClickException(line) from error
