"""Parse markup, XML or SGML, sound or broken, into a tree: one pass, linear in time, nothing resolved or fetched.

What people call XML is often not well-formed: "&nbsp;" with no DTD, a bare "&", a tag never closed, control characters,
two documents in one file. A parser that stops there loses the rest, one that recovers does not say what it left out.
This one keeps every character of text, and says what was wrong. Document types and the entities that they declare are
not read, so that nothing can be expanded (billion laughs) and nothing outside the file is opened. See
docs/decisions/0046-markup.md.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder

#: Elements nested deeper than this are read as a part of the one around them. Real articles nest to about 20 levels.
MAX_DEPTH = 200
_NAME = r"[^\W\d][\w:.\-]*"
_TAG = re.compile(rf"""(/?)({_NAME})(?=[\s/>])((?:[^>"'/]++|"[^"]*+"|'[^']*+'|/(?!>))*+)(/?)>""")
_SLOPPY_TAG = re.compile(rf"(/?)({_NAME})(?=[\s/>])([^>]*?)(/?)>")
_ATTRIBUTE = re.compile(r"""(?<![^\s=/>"'])([^\s=/>"']++)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""")
_SECTION = re.compile(r"<!--|<!\[CDATA\[|<\?|<!(?=[A-Za-z])")
_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_SUBSET = re.compile(r"[^\[>]*\[")
_SUBSET_END = re.compile(r"\]\s*>")
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9.]{1,31}));")
#: Elements that have no content, in HTML inside XML as elsewhere.
_VOID = frozenset(("br", "hr", "img", "wbr", "lb", "pb"))
#: What `&#128;` to `&#159;` stand for in practice: the characters of windows-1252.
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(128, 160)}

#: Namespaces whose elements are told apart from others of the same name, with the prefix under which they are known.
_NAMESPACES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dc",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
}
_KEPT = frozenset((*_NAMESPACES.values(), "excerpt", "wp", "atom", "slash", "wfw", "sy", "image", "georss"))


class Names(dict[str, str]):
    """The names of tags and attributes without their prefixes, but for those of a few well-known namespaces.

    >>> names = Names({"d": "http://purl.org/dc/elements/1.1/"})
    >>> names["d:creator"], names["nitf:Body"], names["atom:link"], Names({}, fold=False)["newsItem"]
    ('dc:creator', 'body', 'atom:link', 'newsItem')
    """

    def __init__(self, namespaces: dict[str, str], *, own: str = "", fold: bool = True) -> None:
        """Take the namespaces by their prefixes. `own` is the prefix of the root element; `fold` ignores case."""
        super().__init__()
        self.namespaces, self.own, self.fold = namespaces, own, fold

    def __missing__(self, name: str) -> str:
        """Compute a name the first time; only 10,000 are kept, as a broken file may make up names without end."""
        prefix, colon, local = name.rpartition(":")
        if colon and prefix != self.own:
            known = _NAMESPACES.get(self.namespaces.get(prefix, ""), prefix.lower())
            local = f"{'dc' if known == 'dcterms' else known}:{local}" if known in {*_KEPT, "dcterms"} else local
        local = local.lower() if self.fold else local
        if len(self) < 10_000:
            self[name] = local
        return local


class Parsed(NamedTuple):
    """A tree whose root has no name, the number of elements open at its end, and what is wrong with the markup."""

    root: Element
    open: int
    trouble: str


def parse(markup: str, names: Names) -> Parsed:
    """Parse markup into a tree.

    >>> parse("<P>Tom &amp; Jerry&nbsp;&co", Names({})).root[0].text
    'Tom & Jerry\\xa0&co'
    >>> parse("<a><b>1</a>2", Names({})).trouble, parse("<a>3 < 4</a>", Names({})).root[0].text
    ('<b> is not closed', '3 < 4')
    """
    tree = _Tree(names)
    for literal, content in _sections(markup):
        if literal:
            tree.data(content)
        else:
            tree.feed(content)
    return tree.close()


def _sections(markup: str) -> Iterator[tuple[bool, str]]:
    """Yield markup without comments, declarations and instructions; CDATA as literal text (True)."""
    at, absent = 0, set[str]()
    for found in _SECTION.finditer(markup):
        if found.start() < at:
            continue
        begin = found[0]
        end = -1 if begin in absent else _end_of(markup, begin, found.end())
        yield False, markup[at : found.start()]
        if end < 0:  # never closed: the mark alone is left out, and what follows is read
            absent.add(begin)
            at = found.end() if begin != "<!" else found.start()
            continue
        if begin == "<![CDATA[":
            yield True, markup[found.end() : end - 3]
        at = end
    yield False, markup[at:]


def without_sections(markup: str) -> str:
    """Return markup without comments, declarations, instructions and CDATA.

    >>> without_sections("<a><!-- <b> --><c/><![CDATA[<d>]]></a>")
    '<a><c/></a>'
    """
    return "".join(content for literal, content in _sections(markup) if not literal)


def _end_of(markup: str, begin: str, at: int) -> int:
    """Return where a section that begins so ends; -1 if it does not."""
    if closing := _ENDS.get(begin):
        end = markup.find(closing, at)
        return end + len(closing) if end >= 0 else -1
    if subset := _SUBSET.match(markup, at):
        ended = _SUBSET_END.search(markup, subset.end())
        return ended.end() if ended else -1
    return markup.find(">", at) + 1 or -1


def unescaped(text: str) -> str:
    """Replace references to characters; what is none stays as it is, and what XML forbids is left out.

    >>> unescaped("&eacute;&#8217;&#x92;&lt;"), unescaped("R&D; AT&T &publisher; &#2;.")
    ('é’’<', 'R&D; AT&T &publisher; .')
    """
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        return html.entities.html5.get(f"{name};", found[0])
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if code in _WINDOWS:
        return _WINDOWS[code]
    allowed = code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0x110000
    return chr(code) if allowed else ""


class _Tree:
    """Builds the tree, tag by tag."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.builder = TreeBuilder()
        self.open: list[str] = []
        self.beyond = 0  # elements open below the deepest level
        self.trouble = ""
        self.builder.start("", {})

    def data(self, text: str) -> None:
        if text:
            self.builder.data(text)

    def feed(self, markup: str) -> None:
        """Read markup that holds tags and text only."""
        first, *pieces = markup.split("<")
        self.data(unescaped(first))
        at = 0
        while at < len(pieces):
            whole, tag = _with_quoted(pieces, at) if ">" not in pieces[at] else (1, None)
            piece = "<".join(pieces[at : at + whole])
            self._piece(piece, tag or _TAG.match(piece) or _SLOPPY_TAG.match(piece))
            at += whole

    def _piece(self, piece: str, tag: re.Match[str] | None) -> None:
        if tag is None:
            self._say("a “<” that begins no tag")
            self.data(unescaped(f"<{piece}"))
            return
        closing, name, attributes, empty = tag.groups()
        if closing:
            self._end(name)
        else:
            self._start(name, attributes, bool(empty))
        self.data(unescaped(piece[tag.end() :]))

    def _start(self, name: str, attributes: str, empty: bool) -> None:
        own = self.names[name]
        key = own.lower()
        if key == "p" and self.open and self.open[-1] == "p":
            self._pop()
        if len(self.open) >= MAX_DEPTH:
            self.beyond += not empty
            return
        self.builder.start(own, self._attributes(attributes) if "=" in attributes else {})
        self.open.append(key)
        if empty or key in _VOID:
            self._pop()

    def _attributes(self, written: str) -> dict[str, str]:
        found = _ATTRIBUTE.findall(written)
        return {self.names[key]: unescaped(a or b or c) for key, a, b, c in found if not key.startswith("xmlns")}

    def _end(self, name: str) -> None:
        key = self.names[name].lower()
        if self.beyond:
            self.beyond -= 1
        elif self.open and self.open[-1] == key:
            self._pop()
        elif key in self.open:
            while self.open[-1] != key:
                self._say(f"<{self.open[-1]}> is not closed")
                self._pop()
            self._pop()
        elif key not in _VOID:
            self._say(f"</{name}> closes nothing")

    def _pop(self) -> None:
        self.builder.end(self.open.pop())

    def _say(self, trouble: str) -> None:
        self.trouble = self.trouble or trouble

    def close(self) -> Parsed:
        """End the tree."""
        still_open = len(self.open)
        if still_open:
            self._say(f"<{self.open[-1]}> is not closed")
        while self.open:
            self._pop()
        self.builder.end("")
        return Parsed(self.builder.close(), still_open, self.trouble)


def _with_quoted(pieces: list[str], at: int) -> tuple[int, re.Match[str] | None]:
    """Return of how many pieces a tag is made that holds "<" in its attributes, and the tag; else one piece."""
    if pieces[at][:1].isalpha() and "=" in pieces[at]:
        for whole in range(2, 5):
            if tag := _TAG.match("<".join(pieces[at : at + whole])):
                return whole, tag
    return 1, None
