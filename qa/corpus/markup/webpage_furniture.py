"""What of a web page is its text: the main part, and inside it what only serves to move about, to sell or to ask.

trafilatura (Apache-2.0) finds main content too, but gives new text without the places that it comes from; a quote must
lead back, so what it decides by (elements, roles, names of classes, amounts of text) is weighed here on the tree itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qa.corpus.markup.tree import HEADINGS, Node

_ELEMENTS = {
    "nav": "navigation",
    "menu": "navigation",
    "footer": "page footer",
    "aside": "aside",
    "script": "script",
    "style": "script",
    "template": "script",
    "noscript": "script",
    "form": "form",
    "button": "form",
    "input": "form",
    "select": "form",
    "textarea": "form",
    "datalist": "form",
    "dialog": "dialogue",
    "head": "metadata",
    "svg": "picture",
    "canvas": "picture",
    "object": "picture",
    "iframe": "picture",
    "video": "picture",
    "audio": "picture",
    "map": "picture",
    "rt": "pronunciation",
    "rp": "pronunciation",
}
_ROLES = {
    "navigation": "navigation",
    "menu": "navigation",
    "menubar": "navigation",
    "doc-toc": "navigation",
    "banner": "page header",
    "contentinfo": "page footer",
    "complementary": "aside",
    "search": "form",
    "form": "form",
    "dialog": "dialogue",
    "alertdialog": "dialogue",
    "doc-bibliography": "reference list",
}
_CLASSES = {
    "navigation": "nav navbar navbox navigation menu breadcrumb breadcrumbs pagination toc skip-link skiplink mw-jump-link "
    "mw-editsection",
    "page header": "site-header page-header masthead",
    "page footer": "footer site-footer page-footer",
    "aside": "sidebar share share-buttons social social-share related related-posts advert advertisement ad ads promo "
    "newsletter",
    "reference list": "ref-list reflist references bibliography citation-list",
}
_PARTS = {
    "breadcrumb": "navigation",
    "breadcrumbs": "navigation",
    "navbar": "navigation",
    "pagination": "navigation",
    "sidenav": "navigation",
    "sidebar": "aside",
    "newsletter": "aside",
    "advertisement": "aside",
    "references": "reference list",
    "bibliography": "reference list",
    "reflist": "reference list",
}
"""What a longer name ends in, as in "page-breadcrumbs" and "article__references"."""
_NAMED = {name: reason for reason, names in _CLASSES.items() for name in names.split()}
_COOKIES = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|onetrust|ccpa)(?:$|[\s_-])|cookie-?(?:banner|notice|bar|consent)"
)
_CONTENT = frozenset(("p", "pre", "blockquote", "li", "dd", "table", "figure"))
_HIDDEN = re.compile(r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.IGNORECASE)
_UNSEEN = frozenset(("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "hidden", "d-none"))
_REFERENCES = re.compile(
    r"\W*(?:\d{1,2}\W{1,3})?(?:references?|bibliography|literature cited|works cited|references? and notes|cited literature)"
    r"\W*\Z",
    re.IGNORECASE,
)
_BUTTONS = re.compile(
    r"\W*(?:go to|back to (?:the )?top|open in (?:a )?(?:new|separate) (?:tab|window)|open (?:in )?(?:figure )?viewer|"
    r"(?:view |see |enlarge |download |show )(?:this |the )?(?:large|larger|full|high|figure|image|table|slide|ppt|powerpoint|"
    r"citation|article|in article)[\w -]{0,30}|full.size (?:image|table|figure)|power ?point(?: slide)?|ppt)\W*\Z",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"\W*(?:(?:similar|related|recommended|suggested|trending|popular|most (?:read|viewed|popular))\s+"
    r"(?:articles?|content|papers?|links?|stories|posts?|reading|publications?)|cited by|you may also (?:like|be interested)|"
    r"more (?:from|on|in|stories)|share this|follow us)\b",
    re.IGNORECASE,
)
_FEW = 200
_PROSE = 80
_SENTENCE = 25
_ENOUGH = 1000
_NEARLY_ALL = 0.98


@dataclass(slots=True)
class Page:
    """The main part of a page, the elements on the way to it, and how many characters it has."""

    main: Node
    around: set[int] = field(default_factory=set)

    def reason(self, node: Node) -> str:
        """Why an element of the main part is left out; "" where it is not."""
        if node.name == "a" and 2 < node.size <= 40 and _BUTTONS.match(node.words):
            return "navigation"
        if node.name in _ELEMENTS:
            return "" if node.name == "form" and 2 * node.size > self.main.size else _ELEMENTS[node.name]
        if is_hidden(node):
            return "hidden"
        if not (node.attributes and node.size) or 2 * node.size > self.main.size:
            return _ROLES.get(node.get("role").lower(), "") if node.attributes and node is not self.main else ""
        marked = f"{node.get('id')} {node.get('class')}".lower()
        if _COOKIES.search(marked[:400]):
            return "cookie banner"
        role = _ROLES.get(node.get("role").lower(), "")
        if node.name in {"a", "span", "sup", "em", "i", "b", "strong", "code"} or role:
            return role
        names = marked.split()
        ends = (_PARTS.get(re.split(r"[-_]", name)[-1], "") for name in names)
        return next((_NAMED[name] for name in names if name in _NAMED), "") or next(filter(None, ends), "")


def is_hidden(node: Node) -> bool:
    """Whether a reader of the page does not see an element. A formula's readable form is hidden behind its picture."""
    if not node.attributes or [child.name for child in node.nodes()] == ["math"]:
        return False
    attributes = node.attributes
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    if attributes.get("aria-hidden", "").lower() == "true" and node.name != "math":
        return True
    if _HIDDEN.search(attributes.get("style", "")[:2000]):
        return True
    return "class" in attributes and not _UNSEEN.isdisjoint(attributes["class"].split())


def find_page(root: Node) -> Page:
    """The main part of a page: <main>, its role, the one <article> that holds most of the text, else the body."""
    body = next((node for node in root.all("body")), root)
    page = Page(body)
    size = max(1, sum(node.size for node in body.nodes() if not page.reason(node)) or body.size)
    candidates = [node for node in body.all() if node.name == "main" or node.get("role").lower() == "main"]
    candidates += sorted(body.all("article"), key=lambda node: -node.size)[:1]
    for node in candidates:
        enough = 4 * node.size >= size if node.name != "article" else 5 * node.size >= 3 * size
        if not is_hidden(node) and node.size and (enough or (node.size >= _FEW and node.name != "article")):
            page.main = node
            break
    else:
        page.main = _densest(page)
    if page.main is not root:
        page.around = _way(root, page.main)
    return page


def _densest(page: Page) -> Node:
    """The innermost element that holds nearly all running text and tables of a page that does not say what is its main part."""
    main = page.main
    weights: dict[int, int] = {}
    if main.size < _ENOUGH or _weigh(page, main, weights) < _ENOUGH:
        return main
    while inner := max(main.nodes(), key=lambda node: weights.get(id(node), 0), default=None):
        if not weights.get(id(inner)) or weights[id(inner)] < _NEARLY_ALL * weights[id(main)] or inner.name in _CONTENT:
            break
        main = inner
    return main


def _weigh(page: Page, node: Node, weights: dict[int, int]) -> int:
    """Count the characters of paragraphs and tables in each element: what is written, not what is only linked."""
    if page.reason(node) and node is not page.main:
        return 0
    own = sum(len(child) for child in node.children if isinstance(child, str) and len(child.strip()) >= _PROSE)
    if node.name in _CONTENT:
        words = node.size - sum(link.size for link in node.all("a"))
        own = (
            words
            if words >= (_SENTENCE if node.name == "p" else _PROSE)
            or (node.name == "table" and node.holds.isdisjoint({"table"}))
            else 0
        )
        weights[id(node)] = own
        return own
    weights[id(node)] = own + sum(_weigh(page, child, weights) for child in node.nodes())
    return weights[id(node)]


def _way(root: Node, goal: Node) -> set[int]:
    """The elements that hold `goal`."""
    above: dict[int, Node] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node is goal:
            break
        for child in node.nodes():
            above[id(child)] = node
            stack.append(child)
    found: set[int] = set()
    node = goal
    while id(node) in above:
        node = above[id(node)]
        found.add(id(node))
    return found


def heading_level(node: Node) -> int:
    """The level of a heading element, also of one that stands alone in an element around it; 0 for others."""
    depth = 0
    while node.name not in HEADINGS:
        inner = [child for child in node.nodes() if child.size]
        if len(inner) != 1 and [child for child in inner if child.name in HEADINGS] != inner[:1]:
            return 0
        if not inner or depth > 3 or node.name not in {"div", "header", "span", "hgroup", "a"}:
            return 0
        if inner[0].size * 10 < node.size * 7:
            return 0
        node, depth = inner[0], depth + 1
    return int(node.name[1])


def find_references(page: Page) -> dict[int, str]:
    """The elements of reference lists, and of lists of other articles, with the reason to leave them out.

    From a heading that says so to the next heading of its level among its neighbours.
    """
    found: dict[int, str] = {}
    for node in [page.main, *page.main.all()]:
        level, reason, linked = 0, "", -1
        for child in node.nodes():
            own = heading_level(child) if child.name in HEADINGS or child.name in {"div", "header", "hgroup"} else 0
            if own and (not level or own <= level):
                reason = _names_list(child)
                if reason == "aside":
                    linked = sum(link.size for link in node.all("a")) if linked < 0 else linked
                    reason = reason if 2 * linked > node.size - child.size else ""
                level = own if reason else 0
            if level:
                found[id(child)] = reason
        if node.name == "details" and (summary := node.first("summary")) and _names_list(summary) == "reference list":
            found[id(node)] = "reference list"
    return found


def _names_list(heading: Node) -> str:
    """What the list below a heading is, where its words say that it is none of the article's own text."""
    if heading.size >= 60:
        return ""
    words = heading.words
    return "reference list" if _REFERENCES.match(words) else "aside" if _RELATED.match(words) else ""
