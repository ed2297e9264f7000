"""Tags as a browser's tokenizer reads them (HTML section 13.2.5), as patterns that are linear in any text; and HTML's names.

Pure data. What is matched is untrusted.
"""

from __future__ import annotations

from feeds.lazy_patterns import lazy_pattern

BLANK = r"[\t\n\f\r ]"
#: A name, then perhaps a value; the quotes of a value count only behind "=" (HTML section 13.2.5.35), and have to be closed.
#: Browsers let "<" and quotes stand in names as well; here they end the tag, which then is text: `x <y and <b>z</b>`.
_ATTRIBUTE = (
    r"[^\t\n\f\r />=<\"'][^\t\n\f\r />=<\"']*+"
    r"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"[^\"]*+\"|'[^']*+'|[^\t\n\f\r ><\"'][^\t\n\f\r ><]*+|(?=>)))?+"
)
ATTRIBUTE = lazy_pattern(_ATTRIBUTE)
#: A whole tag: "/" of a closing one, its name, its attributes, "/" of one that closes itself. Browsers let other characters
#: stand in a name, but no element has any: `Map<K, V>` is text.
TAG = lazy_pattern(
    rf"<(/?)([a-zA-Z][a-zA-Z0-9:._-]{{0,60}})(?={BLANK}|[/>])((?:[\t\n\f\r /]*+{_ATTRIBUTE})*+)[\t\n\f\r ]*+(/?)[\t\n\f\r /]*+>"
)

_NAMES = (
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br"
    " button canvas caption center cite code col colgroup command data datalist dd del details dfn dialog dir div dl dt em"
    " embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i"
    " iframe image img input ins isindex kbd keygen label layer legend li link listing main map mark marquee menu menuitem"
    " meta meter multicol nav nextid nobr noembed noframes noscript object ol optgroup option output p param picture"
    " plaintext portal pre progress q rb rbc rp rt rtc ruby s samp script search section select slot small source spacer"
    " span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt"
    " u ul var video wbr xmp math semantics annotation mrow mi mn mo ms mspace mtext mfrac msqrt mroot mstyle merror"
    " mpadded mphantom msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mlabeledtr mtd"
    " menclose mfenced"
)
#: Every element that HTML or MathML has or once had; a tag of another name may be text, as in `List<Item>`.
NAMES = frozenset(_NAMES.split())
