"""Render a page: templates with everything escaped, styles and scripts inlined and named by their digests."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline import __version__
from pipeline.console import counted, pictured
from pipeline.reports.html_safety import content_policy, safe_link
from pipeline.reports.page import charts
from pipeline.reports.page.collected import Collected
from pipeline.reports.page.differences import shortened
from pipeline.reports.sampling import SEED
from pipeline.storage.report_pages import MARK

DATA = files("pipeline.reports.page") / "data"
#: Steps of colour of the heat maps; `report.css` has a class for each.
STEPS = 6


def render(collected: Collected) -> str:
    """Render the page of what was collected. The same tables give the same page: it holds no time of its own."""
    style, script = _text("report.css"), "\n".join([_text("d3.min.js"), _text("report.js")])
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            mark=Markup(MARK),
            policy=content_policy(style, script),
            style=Markup(style),
            script=Markup(script),
            charts=charts.data(collected),
            version=__version__,
            seed=SEED,
            **collected._asdict(),
        )
    )


def environment() -> Environment:
    """Return the template environment: every value is escaped, control characters in it are made visible."""
    environment = Environment(
        loader=FileSystemLoader(str(DATA)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    shown = (shortened, number, percent, when, delay, flow, words_of, step, safe_link, counted)
    environment.filters |= {each.__name__: each for each in shown}
    return environment


def _visible(value: Any) -> Any:
    return pictured(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def number(value: float) -> str:
    """Write a number with separators.

    >>> number(12345), number(0.5)
    ('12,345', '0.5')
    """
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def percent(share: float) -> str:
    """Write a share in per cent, with a decimal below ten and a space that does not break.

    >>> [percent(share).replace("\xa0", " ") for share in (0.0234, 0.5, 0.00004, 0)]
    ['2.3 %', '50 %', '< 0.1 %', '0 %']
    """
    if 0 < share < 0.001:
        return "<\xa00.1\xa0%"
    return f"{100 * share:.{0 if share >= 0.1 or not share else 1}f}\xa0%"


def when(time: datetime | str | None) -> str:
    """Write a time in UTC.

    >>> when(datetime(2025, 3, 4, 9, 5, tzinfo=UTC)), when("2025-03-04T09:05:00+00:00"), when(None)
    ('4 Mar 2025, 09:05', '4 Mar 2025, 09:05', 'no date')
    """
    if not time:
        return "no date"
    known = datetime.fromisoformat(time) if isinstance(time, str) else time
    return f"{known.astimezone(UTC):%-d %b %Y, %H:%M}"


def delay(later: datetime | None, first: datetime | None) -> str:
    """Write how long after the first a printing came.

    >>> delay(datetime(2025, 3, 4, 9, tzinfo=UTC), datetime(2025, 3, 3, 7, 30, tzinfo=UTC))
    '+1 d 1 h'
    >>> delay(None, None)
    ''
    """
    if later is None or first is None or later == first:
        return ""
    sign, gap = ("+", later - first) if later > first else ("−", first - later)
    return sign + _span(gap)


def _span(gap: timedelta) -> str:
    minutes = round(gap.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    return " ".join(parts[:2]) or "under 1 min"


def flow(text: str) -> str:
    """Put a text into one line.

    >>> flow("a\\n  b")
    'a b'
    """
    return " ".join(text.split())


def words_of(name: str) -> str:
    """Write a name of the code in words.

    >>> words_of("no_text_left")
    'no text left'
    """
    return name.replace("_", " ")


def step(value: float, largest: float) -> int:
    """Return the step of colour of a value: 0 for none, `STEPS` for the largest; by square roots, news is uneven.

    >>> step(0, 9), step(0.01, 9), step(9, 9)
    (0, 1, 6)
    """
    return math.ceil(STEPS * math.sqrt(value / largest)) if value > 0 < largest else 0


def _text(name: str) -> str:
    return (DATA / name).read_text(encoding="utf-8")
