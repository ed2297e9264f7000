"""`feeds report`: a site at a glance, as one page without script or other files, or as JSON."""

from __future__ import annotations

import sys
from collections import Counter
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

import click

from feeds import findings
from feeds.cli import charts, language, output
from feeds.cli.command import Given, command, json_option
from feeds.cli.sentences import phrase
from feeds.cli.serve import open_log, rows_of
from feeds.errors import ExitCode

_SHOWN = 40


@command("report", example="feeds report --log access.log > report.html", timed=True)
@click.option(
    "--log", metavar="LOG", type=click.Path(), help="An access log, for the subscribers; also .gz; - is standard input."
)
@json_option
def report(given: Given, log: str | None, as_json: bool) -> int:
    """Print a page about the site: posts over time, by category, sizes, what changed, what is left out and why, subscribers."""
    from feeds.build import run
    from feeds.preview import check, diff
    from feeds.preview import report as reporting
    from feeds.serving import subscribers

    settings = given.settings(need_base_url=False)
    rows = None
    if log is not None:
        with open_log(log) as lines:
            rows = rows_of(subscribers.count(lines))
    with (
        output.progress(enabled=given.is_watched()) as tell,
        run.look(settings, given.instant(), on_stage=tell, everything=True) as (site, built),
    ):
        checked = check.examine(site, built)
        facts = {**reporting.facts(settings, built, checked, diff.look(site, built)), "subscribers": rows}
    if as_json:
        output.say_result(facts)
    else:
        sys.stdout.write(page(facts))
    return ExitCode.DONE


def page(facts: dict[str, Any]) -> str:
    """The facts as one HTML page, with a table for each chart."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True)
    environment.globals |= {"_": language.translated, "counted": output.counted, "meaning": _meaning, "phrase": phrase}
    template = environment.from_string(files("feeds.cli").joinpath("overview.html.j2").read_text("utf-8"))
    years: Counter[str] = Counter()
    for month, count in facts["posts_by_month"].items():
        years[month[:4]] += count
    categories = sorted(facts["posts_by_category"].items(), key=lambda row: (-row[1], row[0]))[:_SHOWN]
    sizes = [(unquote(document["url"], errors="replace"), document["bytes"]) for document in facts["largest_documents"]]
    drawn = charts.chart(facts["posts_by_month"])
    code = "en" if language.is_english() else "zh-CN"
    values = {"years": sorted(years.items()), "categories": categories, "sizes": sizes, "columns": drawn}
    return template.render(facts=facts, size=(charts.WIDTH, charts.HEIGHT, charts.LEFT), language=code, **values) + "\n"


def _meaning(code: str) -> str:
    described = findings.table().get(code)
    return described.meaning if described else ""
