"""The plots of the report: inline SVG by matplotlib that takes fonts and colours from the page; the same bytes every time.

Text stays text. A colour is written as the page's variable with the light value to fall back on, and neither dates nor
addresses are in the SVG. Each function gives None where the plot does not apply.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np

from qa.evaluation import selective
from qa.evaluation.measures import DEPTH, METRICS
from qa.evaluation.outcome import Evaluation, Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 360, 260
"""Pixels of a plot that is shown in its own size."""

INK, SOFT, LINE, ACCENT, TINT = "#1d2730", "#57636d", "#dfddd5", "#0f6266", "#d3e4e2"
VARIABLES = {INK: "--ink", SOFT: "--soft", LINE: "--line", ACCENT: "--accent", TINT: "--area"}
STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.labelsize": 12,
    "axes.edgecolor": LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.7,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "xtick.major.size": 0,
    "xtick.major.pad": 6,
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
}
TICKS = (0, 0.2, 0.4, 0.6, 0.8, 1)
LABELLED_DEPTHS = (1, 3, 5, DEPTH)
RANGES = 10
"""Ranges of confidence that the questions are counted in."""
KINDS, KIND_LENGTH, ROW = 30, 18, 19
"""Kinds that are drawn at most, characters of a name, and pixels of a bar with what lies between."""

Share = tuple[str, int, int]
"""Name of a kind, questions that came out right, and all of them."""


@dataclass(frozen=True, slots=True)
class Plot:
    """An SVG element to be put into a page, with a heading and what it shows in words."""

    title: str
    caption: str
    svg: str


def risk_coverage(evaluation: Evaluation) -> Plot | None:
    """Share of wrong answers against the share of questions that is answered, the surest first."""
    if "aurc" not in evaluation.metrics:
        return None
    outcomes = evaluation.outcomes
    risk = selective.risk_coverage([o.confidence for o in outcomes], [o.correct for o in outcomes])
    coverage = np.arange(1, len(risk) + 1) / len(risk)
    threshold = evaluation.about.get("threshold")
    given = sum(o.confidence >= threshold for o in outcomes) if isinstance(threshold, int | float) else 0

    def paint(figure: Figure) -> None:
        axes = _shares(figure, "share of questions answered", "share of these that is wrong")
        axes.fill_between(coverage, risk, color=TINT, linewidth=0)
        axes.plot(coverage, risk, color=ACCENT)
        if given:
            x, y = given / len(risk), risk[given - 1]
            axes.axvline(x, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
            axes.plot([x], [y], "o", color=ACCENT, markersize=6)
            side = "left" if x < 0.25 else "right" if x > 0.75 else "center"
            axes.annotate(
                f"threshold {threshold:g}",
                (x, 1),
                (0, 4),
                textcoords="offset points",
                ha=side,
                color=SOFT,
                fontsize=11,
            )

    caption = f"Area under the curve {evaluation.metrics['aurc']:.3f}; smaller is better."
    if given:
        share, wrong = given / len(risk), risk[given - 1]
        caption += f" At the threshold of {threshold:g}, {_percent(share)} of the questions are answered, "
        caption += f"{_percent(wrong)} of them wrongly."
    return _plot("Risk and coverage", caption, paint)


def reliability(evaluation: Evaluation) -> Plot | None:
    """Share of right answers against confidence in ten bins of equal mass, with how many questions have which."""
    if "ece" not in evaluation.metrics:
        return None
    outcomes = evaluation.outcomes
    confidence = [o.confidence for o in outcomes]
    bins = selective.reliability(confidence, [o.correct for o in outcomes])
    counts, edges = np.histogram(confidence, RANGES, (0, 1))
    middles = (edges[:-1] + edges[1:]) / 2

    def paint(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        _share_axis(upper, "share right")
        upper.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
        for b in bins:
            upper.plot([b.confidence] * 2, [b.confidence, b.right], color=ACCENT, linewidth=1, alpha=0.5)
        upper.plot([b.confidence for b in bins], [b.right for b in bins], "o-", color=ACCENT, markersize=5)
        lower.bar(middles, counts, 0.9 / RANGES, color=TINT)
        for x, count in zip(middles, counts, strict=True):
            lower.annotate(str(count), (x, count), (0, 2), textcoords="offset points", ha="center", fontsize=10)
        lower.set(xlim=(0, 1), xticks=TICKS, yticks=[], xlabel="confidence")
        lower.set_ylabel("n", rotation=0)
        lower.set_ylim(0, 1.6 * counts.max())
        lower.grid(False)
        lower.spines.left.set_visible(False)

    caption = (
        f"Expected calibration error (ECE) {evaluation.metrics['ece']:.3f}. On the dashed line, confidence is the share right; "
        "below it the assistant is too sure. Where nothing answers a question, no answer is right."
    )
    return _plot("Reliability", caption, paint)


def depth(evaluation: Evaluation) -> Plot | None:
    """Share of questions with a relevant passage (document, where documents are judged) among the first k."""
    judged = [o for o in evaluation.outcomes if "success@1" in o.metrics]
    if not judged:
        return None
    ranks = [rank_of_relevant(o) for o in judged]
    depths = range(1, DEPTH + 1)
    found = [sum(rank is not None and rank <= k for rank in ranks) / len(ranks) for k in depths]

    def paint(figure: Figure) -> None:
        axes = _shares(figure, "k: first places of the ranking", "share of questions")
        axes.plot(depths, found, "o-", color=ACCENT, markersize=4)
        axes.set(xlim=(0.5, DEPTH + 0.5), xticks=depths)
        axes.grid(False, axis="x")
        for k in LABELLED_DEPTHS:
            low = found[k - 1] <= 0.2
            axes.annotate(
                f"{found[k - 1]:.3f}",
                (k, found[k - 1]),
                (0, 6) if low else (2, -6),
                textcoords="offset points",
                ha="right" if k == DEPTH else "left",
                va="baseline" if low else "top",
            )

    caption = (
        f"Questions with a right passage among the first k, of {len(judged)} whose passages are judged: "
        f"{_percent(found[0])} have it first, {_percent(found[-1])} among {DEPTH}."
    )
    return _plot("Retrieval depth", caption, paint)


def kinds(evaluation: Evaluation) -> Plot | None:
    """How each kind of question came out, where there are several: answered rightly, or where nothing answers, refused."""
    parts = evaluation.by_kind()
    frequent = sorted(parts, key=lambda kind: -len(parts[kind].outcomes))[:KINDS]
    groups = {name: _by_share(frequent, parts, name) for name in ("answered_right", "refused_unanswerable")}
    groups = {name: rows for name, rows in groups.items() if rows}
    bars = sum(map(len, groups.values()))
    if len(parts) < 2 or not bars:
        return None

    def paint(figure: Figure) -> None:
        sizes = [len(rows) for rows in groups.values()]
        stack = figure.subplots(len(groups), 1, sharex=True, squeeze=False, height_ratios=sizes)
        for axes, (name, rows) in zip(stack[:, 0], groups.items(), strict=True):
            _bars(axes, rows)
            axes.set_title(METRICS[name].label, loc="left", fontsize=12, color=SOFT)

    caption = "Share and number of questions of each kind; the lines are 95 % intervals (Wilson)."
    if len(parts) > KINDS:
        caption += f" Shown are the {KINDS} most frequent of {len(parts)} kinds."
    return _plot("Kinds of questions", caption, paint, height=ROW * bars + 34 * len(groups) + 24)


def rank_of_relevant(outcome: Outcome) -> int | None:
    """The rank of the first relevant passage, 1 the best; None where there is none."""
    ranks = (rank for rank, name in enumerate(outcome.ranking, start=1) if outcome.relevant.get(name, 0) > 0)
    return next(ranks, None)


def _by_share(names: Iterable[str], parts: dict[str, Evaluation], metric: str) -> list[Share]:
    """The kinds that the figure applies to, the best first."""
    shares = []
    for name in names:
        values = [o.metrics[metric] for o in parts[name].outcomes if metric in o.metrics]
        if values:
            shares.append((_label(name), round(sum(values)), len(values)))
    return sorted(shares, key=lambda share: (-share[1] / share[2], share[0]))


def _bars(axes: Axes, rows: Sequence[Share]) -> None:
    """One bar a kind, the first at the top, with its interval, its share and its number at the right."""
    from scipy.stats import binomtest

    places = range(len(rows))
    axes.barh(places, [right / count for _, right, count in rows], 0.62, color=TINT)
    for place, (_, right, count) in zip(places, rows, strict=True):
        low, high = binomtest(right, count).proportion_ci(method="wilson")
        axes.plot([low, high], [place, place], color=ACCENT, linewidth=1)
        axes.plot([right / count], [place], "|", color=ACCENT, markersize=8, markeredgewidth=2, clip_on=False)
        _beside(axes, place, f"{right / count:.2f}", 32, INK)
        _beside(axes, place, str(count), 62, SOFT)
    axes.set(xlim=(0, 1), ylim=(len(rows) - 0.4, -0.6), xticks=(0, 0.5, 1))
    axes.set_yticks(places, [name for name, _, _ in rows], color=INK)
    axes.grid(False, axis="y")
    _beside(axes, -1, "n", 62, SOFT)


def _beside(axes: Axes, place: float, text: str, distance: float, colour: str) -> None:
    """Text in the line of a bar that ends so many pixels right of the axes."""
    options: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    options |= {"ha": "right", "va": "center", "annotation_clip": False}
    axes.annotate(text, (1, place), (distance, 0), color=colour, **options)


def _shares(figure: Figure, across: str, up: str) -> Axes:
    """Axes with shares from 0 to 1 both ways."""
    axes = figure.add_subplot()
    _share_axis(axes, up)
    axes.set(xlim=(0, 1), xticks=TICKS, xlabel=across)
    return axes


def _share_axis(axes: Axes, label: str) -> None:
    axes.set(ylim=(0, 1), yticks=TICKS, ylabel=label)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _label(name: str) -> str:
    """A name of any characters as a short line that XML can hold."""
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return line if len(line) <= KIND_LENGTH else line[: KIND_LENGTH - 1].rstrip() + "…"


def _plot(title: str, caption: str, paint: Callable[[Figure], None], *, height: float = HEIGHT) -> Plot:
    """Let `paint` fill a figure and write it as SVG, whatever settings of matplotlib the user has."""
    from matplotlib import style
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    written = io.StringIO()
    with style.context(["default", {**STYLE, "svg.hashsalt": title}]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph ")  # only measured with matplotlib's font, drawn with the reader's
        figure = Figure((WIDTH / 72, height / 72), layout="constrained")
        FigureCanvasSVG(figure)
        paint(figure)
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    return Plot(title, caption, _inline(written.getvalue(), f"{title}. {caption}"))


def _inline(svg: str, description: str) -> str:
    """The SVG element without what a page has no use for: its size, metadata, style sheet, fonts and names of parts."""
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        parent.tag = parent.tag.rpartition("}")[2]
        parent.tail = None
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
        attributes = {name.rpartition("}")[2]: value for name, value in parent.attrib.items()}
        if parent.tag == "g":
            attributes.pop("id", None)
        if "style" in attributes:
            attributes["style"] = _themed(attributes["style"])
        parent.attrib.clear()
        parent.attrib.update(attributes)
    for name in ("width", "height", "version"):
        root.attrib.pop(name)
    root.attrib.update({"role": "img", "aria-label": description})
    return ElementTree.tostring(root, encoding="unicode")


def _themed(style: str) -> str:
    """The declarations without fonts, colours as variables of the page."""
    declarations = [part.strip() for part in style.split(";") if not part.strip().startswith("font-family")]
    text = "; ".join(declarations)
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, f"var({variable}, {colour})")
    return text
