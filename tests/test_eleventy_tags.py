"""Short codes of Eleventy's sites: arguments between commas, pictures, films, references, and what nobody knows."""

from __future__ import annotations

import pytest

from feeds.content.template_tags import TagContext, replaced

TABLES = ("jekyll", "eleventy", "wordpress")


def shown(body: str) -> tuple[str, list[str]]:
    """The body without marks, its lines joined, and what its author is told."""
    context = TagContext(tables=TABLES)
    text, fragments = replaced(body, context)
    return fragments.filled(text).strip(), [note.code for note in context.notes]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{% image "./a.jpg", "An alt", "(min-width: 3em) 50vw" %}', '<img src="./a.jpg" alt="An alt">'),
        ("x {% image './a.jpg', 'It\\'s, well, \"so\"' %}", 'x <img src="./a.jpg" alt="It&#x27;s, well, &quot;so&quot;">'),
        ('{% img src="a.jpg", alt="b c" %}', '<img src="a.jpg" alt="b c">'),
        ('{% image "a.jpg" %}', '<img src="a.jpg" alt="">'),
        (
            '{% youtube "dQw4w9WgXcQ", "A film" %}',
            '<a href="https://www.youtube.com/watch?v=dQw4w9WgXcQ">▶ YouTube</a>',
        ),
        ("{% vimeo 123456 %}", '<a href="https://vimeo.com/123456">▶ Vimeo</a>'),
        ('{% highlight "js" %}\nlet a = 1;\n{% endhighlight %}', "```js\nlet a = 1;\n```"),
        ('{% preview "https://a.example/x" %}', '<a href="https://a.example/x">https://a.example/x</a>'),
        ('{% card "https://a.example/x", "A title here" %}', '<a href="https://a.example/x">A title here</a>'),
        ('{% link "https://a.example/x", "Words go" %}', '<a href="https://a.example/x">Words go</a>'),
        ('[x]({% ref "other.md" %})', "[x](other.md)"),
        (
            '{% figure "/a.png", "alt" %}A caption.{% endfigure %}',
            '<figure>\n\n<img src="/a.png" alt="alt">\n\nA caption.\n\n</figure>',
        ),
        ('{% callout "warn", "b" %}\nhi\n{% endcallout %}', "hi"),
    ],
)
def test_what_a_short_code_becomes(body: str, expected: str) -> None:
    assert shown(body) == (expected, [])


def test_an_unknown_short_code_keeps_its_inside_and_is_told() -> None:
    assert shown('{% mn "x" %}inside{% endmn %} {% ditty 3 %}') == ("inside", ["tag-unknown", "tag-unknown"])


def test_no_argument_becomes_markup() -> None:
    assert "<script" not in shown("""{% image "a.png", "<script>alert(1)</script>" %}""")[0]
    assert "javascript" not in shown("""{% preview "javascript:alert(1)" %}""")[0]
