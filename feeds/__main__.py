"""`feeds` and `python -m feeds`: a cron run with nothing to do ends here, before anything heavy is imported."""

from __future__ import annotations

import gc
import os
import sys


def _in_utf_8() -> None:
    """Begin again in Python's UTF-8 mode (PEP 540) if file names are decoded in another encoding.

    Otherwise ids, folders and bytes would depend on the locale of the user. Messages keep its encoding.
    """
    if sys.getfilesystemencoding().replace("_", "-") == "utf-8" or os.environ.get("PYTHONUTF8") == "1":
        return
    output = getattr(sys.stdout, "encoding", None) or "ascii"
    environ = {**os.environ, "PYTHONUTF8": "1"}
    environ.setdefault("PYTHONIOENCODING", f"{output}:backslashreplace")
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environ)  # noqa: S606


def _without_working_folder() -> None:
    """Import nothing from the working folder, which `python -m` puts first: a file `html.py` there is not a library's."""
    here = os.getcwd()  # noqa: PTH109  pathlib is not imported on this path
    if sys.path and sys.path[0] in ("", here) and os.path.dirname(os.path.dirname(os.path.abspath(__file__))) != here:  # noqa: PTH100, PTH120
        del sys.path[0]


def main() -> int:
    """Run one command; returns its exit code."""
    _in_utf_8()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # whoever started us closed it (`>&-`): what is said there goes nowhere
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123
    arguments = sys.argv[1:]
    if arguments and arguments[0] == "build":
        if not sys.stdout.isatty():
            from feeds import fastpath

            code = fastpath.probe(arguments[1:], os.environ)
            if code is not None:
                return code
        # A build is short and makes few cycles besides those of the workers: looking for them costs a tenth of it.
        gc.disable()
    from feeds.cli.main import main as run

    code = run(arguments)
    # The interpreter looks for cycles once more as it ends, which takes 40 ms after a build and frees what is given back anyway.
    gc.freeze()
    return code


if __name__ == "__main__":
    _without_working_folder()
    sys.exit(main())
