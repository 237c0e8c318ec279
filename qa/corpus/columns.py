"""The rows of a flattened table whose columns a PDF tool has left one below the other, where they can be told for certain.

A block is a run of lines without a blank line between. Neighbouring blocks of n lines each are the columns of n rows, row i
being line i of each, if no line is part of a broken cell, the first column can name rows and the others hold values of one
kind. Once such a group has shown what the columns hold, single lines in a row that hold the same are a row too. Whatever
is in doubt is left over, above all crosses and other marks, of which no one can tell the column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from qa.corpus.lines import Layout, ends_open, ends_sentence, starts_lower

_CELL_LENGTH = 60
_HEADER_LINES = 3
_MARK = re.compile(r"[xX✓✔✗✘•●○*†‡]|[+\-–—−]{1,4}|[Nn]/?[Aa]|[Nn][Dd]")
_NUMBER = re.compile(r"[<>≤≥~≈±+\-–−]?\s?\d[\d\s.,:/+\-–−±×()%<>=]*(?:\s?[^\W\d_]{1,6}%?(?:/[^\W\d_]{1,4})?)?")
_IDENTIFIER = re.compile(r"[A-Z]{0,8}[ -]?\d{4,12}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SYMBOL = re.compile(r"[^\W\d_]{1,3}[A-Z\d]")
_LETTER_LAST = re.compile(r"\w\s[A-Z]$")
_NUMBERS = frozenset("#")


@dataclass(frozen=True, slots=True)
class Row:
    """Line numbers of the cells of a row, None where a cell is empty, and the headers of its columns ("": not known).

    `group` is the line that names the rows of which this is one, where that is no cell of the row itself.
    """

    lines: tuple[int | None, ...]
    headers: tuple[str, ...]
    group: int | None = None


@dataclass(frozen=True, slots=True)
class _Block:
    lines: tuple[int, ...]
    texts: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.lines)

    @property
    def words(self) -> str:
        return " ".join(self.texts)

    @property
    def marks(self) -> bool:
        return all(_MARK.fullmatch(text) for text in self.texts)


@dataclass(slots=True)
class _Group:
    """Blocks from number `first` on are the columns of rows; line 0 of each is its header where `headed`."""

    first: int
    columns: tuple[_Block, ...]
    kinds: tuple[frozenset[str], ...]
    headed: bool = False
    name: _Block | None = None
    headers: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return len(self.columns)


def align(cells: Sequence[int], layout: Layout) -> tuple[list[Row], list[int]]:
    """The rows that the cells of a table (line numbers) surely form, in order, and the lines that are left over.

    A row group's name, a line of its own above it, becomes the first cell of the group's first row: there it is read with
    a row, as the merged cell was that it comes from; as a row by itself it would be found without saying anything. The other
    rows of the group have it as their `group`.
    """
    blocks = _blocks(cells, layout)
    groups = _groups(blocks)
    if not groups:
        return [], list(cells)
    groups = sorted([*groups, *_single_rows(blocks, groups)], key=lambda group: group.first)
    _give_names(blocks, groups)
    _give_headers(blocks, groups)
    rows = list(_rows(groups))
    taken = {line for row in rows for line in row.lines}
    return rows, [line for line in cells if line not in taken]


def _blocks(cells: Sequence[int], layout: Layout) -> list[_Block]:
    runs: list[list[int]] = []
    for line in cells:
        if runs and runs[-1][-1] == line - 1 and not layout.apart(line):
            runs[-1].append(line)
        else:
            runs.append([line])
    return [_Block(tuple(run), tuple(layout.lines[line].text for line in run)) for run in runs]


def _is_whole(text: str) -> bool:
    """Whether a line can be a cell of its own, neither the beginning nor the rest of a broken one.

    >>> _is_whole("JAK1, JAK3"), _is_whole("(12 total)"), _is_whole("Fever:"), _is_whole("daily"), _is_whole("loss of")
    (True, False, False, False, False)
    """
    if len(text) > _CELL_LENGTH or _NUMBER.fullmatch(text) or _MARK.fullmatch(text):
        return len(text) <= _CELL_LENGTH
    goes_on = starts_lower(text) and not _SYMBOL.match(text)  # p53 and mRNA begin cells.
    if goes_on or text[0] in "([<>=" or text[-1] in ":;" or ends_sentence(text):
        return False
    return text.count("(") == text.count(")") and (not ends_open(text) or bool(_LETTER_LAST.search(text)))


def _can_name(text: str) -> bool:
    """Whether a line can name a row: neither a number nor a mark nor an identifier."""
    if not _is_whole(text) or not any(char.isalpha() for char in text):
        return False
    return not any(form.fullmatch(text) for form in (_NUMBER, _MARK, _IDENTIFIER))


def _kind(texts: Sequence[str]) -> frozenset[str]:
    """What lines have in common: that they are numbers ("#"), or their words; empty where they have nothing.

    >>> sorted(_kind(["JAK1, JAK3", "JAK2, TYK2"])), sorted(_kind(["3+5", "6"])), sorted(_kind(["Tea", "Milk"]))
    (['jak'], ['#'], [])
    """
    numbers = sum(bool(_NUMBER.fullmatch(text)) for text in texts)
    if 2 * numbers >= len(texts) and all(_NUMBER.fullmatch(text) or _MARK.fullmatch(text) for text in texts):
        return _NUMBERS
    return frozenset.intersection(*(_words(text) for text in texts))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))


def _fits(kind: frozenset[str], text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) if kind == _NUMBERS else bool(kind & _words(text))


# Columns of several lines


def _groups(blocks: Sequence[_Block]) -> list[_Group]:
    """The groups of rows that blocks of equal line counts form, in order."""
    found: list[_Group] = []
    at = 0
    for several, members in groupby(blocks, key=lambda block: block.size > 1 and not block.marks):
        stretch = list(members)
        if several:
            found += _stretch(stretch, at, confirmed=at if not found else 0)
        at += len(stretch)
    return found


def _stretch(blocks: list[_Block], first: int, *, confirmed: int) -> list[_Group]:
    """The groups in neighbouring blocks of several lines, or none where any of them is in doubt.

    Blocks of other counts beside a group may be its columns with a broken cell, but for a broken name or header of two
    lines. `confirmed` is the number of blocks above, the headers if this is the table's first group.
    """
    if len(blocks) > 2 and _is_broken_name(blocks[0]) and blocks[1].size > 2:
        return _stretch(blocks[1:], first + 1, confirmed=confirmed + 1)
    if len(blocks) > 2 and _is_broken_name(blocks[-1]) and blocks[-2].size > 2:
        return _stretch(blocks[:-1], first, confirmed=confirmed)
    groups: list[_Group] = []
    for _, members in groupby(blocks, key=lambda block: block.size):
        columns = tuple(members)
        group = _group(columns, first, sure=confirmed == len(columns))
        if group is None or (groups and groups[-1].width != group.width):
            return []
        groups.append(group)
        first += len(columns)
    return groups


def _is_broken_name(block: _Block) -> bool:
    return block.size == 2 and _is_whole(block.texts[0]) and starts_lower(block.texts[1])


def _group(columns: tuple[_Block, ...], first: int, *, sure: bool) -> _Group | None:
    """The group whose columns the blocks are; None where that is in doubt. `sure` tells that they have as many headers."""
    if len(columns) < 2 or not all(_is_whole(text) for column in columns for text in column.texts):
        return None
    headed = _is_headed(columns)
    values = [column.texts[headed:] for column in columns]
    if len(values[0]) < 2 or len(set(values[0])) < len(values[0]) or not all(_can_name(text) for text in values[0]):
        return None
    kinds = tuple(_kind(texts) for texts in values)
    if sum(map(bool, kinds[1:])) < (1 if len(values[0]) > 2 else len(kinds) - 1):
        return None
    if any(_kind(row) for row in zip(*values, strict=True)):
        return None  # The blocks are rows.
    names = {column.texts[0] for column in columns}
    if not (sure or (headed and len(names) == len(columns))) and _may_be_two(kinds):
        return None
    return _Group(first, columns, kinds, headed)


def _is_headed(columns: Sequence[_Block]) -> bool:
    """Whether the first line of each block is its column's header: words above numbers."""
    over = any(_kind(column.texts[1:]) == _NUMBERS for column in columns[1:] if column.size > 2)
    return over and all(_can_name(column.texts[0]) for column in columns)


def _may_be_two(kinds: Sequence[frozenset[str]]) -> bool:
    """Whether the blocks may be two groups of as many rows, one below the other: names come again after values."""
    return any(kinds[i] == kinds[0] if kinds[i] else bool(kinds[i - 1]) for i in range(2, len(kinds)))


def _single_rows(blocks: Sequence[_Block], groups: Sequence[_Group]) -> Iterator[_Group]:
    """Single lines in a row that hold what the columns of a group of at least three columns hold, numbers among them."""
    known = dict.fromkeys(group.kinds for group in groups if all(group.kinds[1:]) and _NUMBERS in group.kinds)
    patterns = sorted((kinds for kinds in known if len(kinds) > 2), key=len, reverse=True)
    taken = _taken(groups)
    at = 0
    while at < len(blocks):
        kinds = next((kinds for kinds in patterns if _is_row(blocks, at, kinds, taken)), None)
        if kinds is None:
            at += 1
        else:
            yield _Group(at, tuple(blocks[at : at + len(kinds)]), kinds)
            at += len(kinds)


def _taken(groups: Sequence[_Group]) -> set[int]:
    return {i for group in groups for i in range(group.first, group.first + group.width)}


def _is_row(blocks: Sequence[_Block], at: int, kinds: Sequence[frozenset[str]], taken: set[int]) -> bool:
    end = at + len(kinds)
    if end > len(blocks) or any(blocks[i].size > 1 or i in taken for i in range(at, end)):
        return False
    key, *values = (block.words for block in blocks[at:end])
    if not _can_name(key) or any(_fits(kind, key) for kind in kinds[1:]) or not all(_is_whole(text) for text in values):
        return False
    more = end < len(blocks) and _fits(kinds[-1], blocks[end].words)  # One value too many: which one is not known.
    return not more and all(_fits(kind, text) for kind, text in zip(kinds[1:], values, strict=True))


# Names of groups and headers of columns


def _give_names(blocks: Sequence[_Block], groups: Sequence[_Group]) -> None:
    """A single line of words between a group and the row or the marks before it names the group."""
    taken = _taken(groups)
    for group in groups[1:]:
        at = group.first - 1
        set_off = at not in taken and (at - 1 in taken or blocks[at - 1].marks)
        if set_off and not group.headed and blocks[at].size == 1 and _can_name(blocks[at].words):
            group.name = blocks[at]


def _give_headers(blocks: Sequence[_Block], groups: Sequence[_Group]) -> None:
    """The blocks above the first row are the headers where there are as many as columns, those of marks counted.

    Where groups have names, the last block above is the name of the first one, and the names may have a header too.
    """
    first = groups[0]
    above = list(blocks[: first.first])
    if first.headed or not all(block.size <= _HEADER_LINES and _can_name(block.texts[0]) for block in above):
        return
    after = blocks[first.first + first.width :]
    marks = next((i for i, b in enumerate(after) if not b.marks or b.size != first.columns[0].size), len(after))
    named = any(group.name for group in groups)
    spare = len(above) - first.width - marks
    if spare not in ((1, 2) if named else (0,)):
        return
    headers = tuple(block.words for block in above[max(0, spare - 1) :][: first.width])
    if (named and above[-1].size > 1) or _contradicts(headers, first.kinds):
        return
    if named:
        first.name = above[-1]
    below = [block.words for block in after if block.size <= 2 * _HEADER_LINES]
    headers = tuple("" if any(_is_sibling(header, words) for words in below) else header for header in headers)
    for group in groups:
        if group.width == first.width:
            group.headers = headers


def _is_sibling(header: str, words: str) -> bool:
    """Whether a block names another part of the table: "Type II cytokines" tells that "Type I cytokines" is not for all."""
    return header != words and bool(_words(header)) and _words(header) <= _words(words)


def _contradicts(headers: Sequence[str], kinds: Sequence[frozenset[str]]) -> bool:
    """Whether a header holds the word that all cells of another column share."""
    places = [(j, shared) for j, kind in enumerate(kinds) for shared in kind]
    found = [(i, word) for i, header in enumerate(headers) for word in _words(header)]
    return any(i != j and word.startswith(shared) for i, word in found for j, shared in places)


def _rows(groups: Sequence[_Group]) -> Iterator[Row]:
    """The rows in order; where any group has a name, each row has a cell for it, which is empty but in a group's first."""
    named = any(group.name for group in groups)
    for group in groups:
        own = tuple(column.texts[0] for column in group.columns) if group.headed else ()
        headers = own or group.headers or ("",) * group.width
        for i, lines in enumerate(zip(*(column.lines[group.headed :] for column in group.columns), strict=True)):
            name = (group.name.lines[0] if group.name and i == 0 else None,) if named else ()
            above = group.name.lines[0] if group.name and i else None
            yield Row((*name, *lines), (*("",) * named, *headers), above)
