"""Nikola's short codes: `{{% name words key="value" %}}…{{% /name %}}` (https://getnikola.com/handbook.html#shortcodes)."""

from __future__ import annotations

from feeds.content.template_tags import hugo, output
from feeds.content.template_tags.output import Output
from feeds.content.template_tags.rendering import Call, Handler, by_names


def _thumbnail(call: Call) -> Output | None:
    """`{{% thumbnail "/images/a.png" alt="…" %}}caption{{% /thumbnail %}}`: a small picture that leads to the large one."""
    address = call.arguments.word(0)
    if not address:
        return None
    stem, dot, ending = address.rpartition(".")
    small = output.image(f"{stem}.thumbnail{dot}{ending}", call.arguments.any("alt"))
    caption = call.inner().strip() if call.paired else ""
    return call.html(f'<div><a href="{output.attribute(address)}">{small}</a>{caption}</div>', block=True)


def _post_list(call: Call) -> Output:
    """A list of posts that the generator makes."""
    return Output("")


HANDLERS: dict[str, Handler] = {
    **hugo.HANDLERS,
    "thumbnail": _thumbnail,
    **by_names("post-list chart", _post_list),
}
