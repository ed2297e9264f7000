"""Templates to bytes: a template's name, a look and values come in, a page goes out. The one place that imports Jinja2.

Every value is escaped; a name that a template uses and nobody gave is an error, not an empty place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from feeds.errors import ExitCode, FeedsError
from feeds.formats._wording import GENERATOR
from feeds.model import digest

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment

    from feeds.formats.pages.look import Look

#: What stands before the name of a template of ours where the site has one of the same name.
ORIGINAL = "default/"


class PageTemplateError(FeedsError):
    """A template of the site's cannot be used: its file, its line, what is wrong."""

    exit_code = ExitCode.WRONG_SETTINGS


class CodeStore(Protocol):
    """Where compiled templates are kept from one run to the next, by a key that tells all that decides them."""

    def get(self, key: str) -> bytes | None:
        """What was put, None if nothing was or it is damaged."""

    def put(self, key: str, code: bytes) -> None:
        """Keep it."""


class Renderer:
    """The templates of one look, compiled when they are first used; one for each run."""

    def __init__(self, look: Look, store: CodeStore | None = None) -> None:
        self.look, self._store = look, store
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
            if self._store is not None:
                self._environment.bytecode_cache = _kept(self._store)
        return self._environment

    def _failure(self, template: str, error: Exception) -> PageTemplateError:
        look = self.look
        name = getattr(error, "name", None) or template
        line = getattr(error, "lineno", None) or _line(error)
        where = str(look.templates / name) if look.templates is not None and name in look.files else name
        what = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
        return PageTemplateError(
            str(what), where=f"{where}:{line}" if line else where, expected="a Jinja2 template",
            fix="docs/pages.md lists the variables and blocks",
        )  # fmt: skip


def _kept(store: CodeStore) -> BytecodeCache:
    """Jinja2's cache of compiled templates on top of a store. What comes back is run, as Python runs its own .pyc files."""
    import marshal
    import sys

    from jinja2 import BytecodeCache, __version__
    from jinja2.bccache import Bucket

    class Kept(BytecodeCache):
        def load_bytecode(self, bucket: Bucket) -> None:
            code = store.get(self._key(bucket))
            if code is not None:
                bucket.code = marshal.loads(code)  # noqa: S302  the store is the build's own, as private as its ledger

        def dump_bytecode(self, bucket: Bucket) -> None:
            if bucket.code is not None:
                store.put(self._key(bucket), marshal.dumps(bucket.code))

        def _key(self, bucket: Bucket) -> str:
            return digest("template", __version__, sys.version, bucket.key, bucket.checksum)

    return Kept()


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
    result = Environment(
        loader=ChoiceLoader([DictLoader(look.files), ours, PrefixLoader({ORIGINAL.rstrip("/"): ours})]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    result.globals.update(t=look.strings, script=look.script, policy=look.policy, generator=GENERATOR)
    return result
