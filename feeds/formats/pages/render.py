"""Templates to bytes: a template's name, a look and values come in, a page goes out. The one place that imports Jinja2.

Every value is escaped; a name that a template uses and nobody gave is an error, not an empty place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feeds.errors import ExitCode, FeedsError
from feeds.formats._wording import GENERATOR

if TYPE_CHECKING:
    from jinja2 import Environment

    from feeds.formats.pages.look import Look

#: What stands before the name of a template of ours where the site has one of the same name.
ORIGINAL = "default/"


class PageTemplateError(FeedsError):
    """A template of the site's cannot be used: its file, its line, what is wrong."""

    exit_code = ExitCode.WRONG_SETTINGS


class Renderer:
    """The templates of one look, compiled when they are first used; one for each run."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._environment: Environment | None = None

    def page(self, template: str, **values: Any) -> bytes:
        """The page that `template` ("feed.html.j2") makes of these values, in UTF-8. Raises PageTemplateError."""
        from jinja2 import TemplateError

        try:
            text = self._load().get_template(template).render(**values)
        except TemplateError as error:
            raise self._failure(template, error) from error
        except (TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
            # Without templates of the site's own the fault is ours, and its traceback tells more.
            if not self.look.files:
                raise
            raise self._failure(template, error) from error
        return text.encode()

    def _load(self) -> Environment:
        if self._environment is None:
            self._environment = _environment(self.look)
        return self._environment

    def _failure(self, template: str, error: Exception) -> PageTemplateError:
        look = self.look
        name = getattr(error, "name", None) or template
        line = getattr(error, "lineno", None) or _line(error)
        where = str(look.templates / name) if look.templates is not None and name in look.files else name
        what = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
        return PageTemplateError(
            str(what), where=f"{where}:{line}" if line else where, expected="a Jinja2 template",
            mend="docs/pages.md lists the variables and blocks",
        )  # fmt: skip


def _line(error: Exception) -> int | None:
    """The template's line in the traceback, where Jinja2 puts its own files."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith((".j2", "<template>")):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _environment(look: Look) -> Environment:
    from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

    from feeds.formats.pages.look import HERE

    ours = FileSystemLoader(HERE)
    made = Environment(
        loader=ChoiceLoader([DictLoader(look.files), ours, PrefixLoader({ORIGINAL.rstrip("/"): ours})]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.globals.update(t=look.strings, script=look.script, policy=look.policy, generator=GENERATOR)
    return made
