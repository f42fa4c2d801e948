"""Time windows: the span of time that a run is limited to (`clean run --since … --until …`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.errors import UserError
from pipeline.sources.documents import Problem, RawDocument

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of time: `since` is inside, `until` is not, so two nights neither overlap nor leave a gap.

    A document's time is the one its source gives: when it was published, else when it was crawled (WARC). One with
    neither is in every window: a second read is noticed by the later run, a missing one by nobody.
    """

    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since >= self.until:
            raise UserError(
                f"--since {self.since.isoformat()} is not before --until {self.until.isoformat()}: no document can lie "
                "between them. --until is the first moment that is left out."
            )

    def holds(self, moment: datetime | None) -> bool:
        """Return True if a document of this time is inside the window.

        >>> night = Window(moment_of("2026-03-01", "--since"), moment_of("2026-03-02", "--until"))
        >>> [night.holds(moment_of(day, "")) for day in ("2026-02-28", "2026-03-01", "2026-03-02")]
        [False, True, False]
        >>> night.holds(None)
        True
        """
        if moment is None:
            return True
        return not (self.since and moment < self.since) and not (self.until and moment >= self.until)

    def look_at(self, found: RawDocument | Problem) -> RawDocument | Problem:
        """Return the document, or a `skipped` problem for one outside the window."""
        if isinstance(found, Problem) or self.holds(found.published or found.crawled):
            return found
        moment = (found.published or found.crawled or datetime.min).isoformat()
        return Problem(found.subject, "skipped", "outside_window", before=moment, after=self.in_words())

    def in_words(self) -> str:
        """Describe the window for a person.

        >>> Window(until=moment_of("2026-03-02", "--until")).in_words()
        'until 2026-03-02T00:00:00+00:00'
        """
        ends = (("since", self.since), ("until", self.until))
        return " ".join(f"{name} {moment.isoformat()}" for name, moment in ends if moment)

    def as_dict(self) -> dict[str, str | None]:
        """Return the window for the manifest; in UTC, so that a moment is always written the same way."""
        ends = (("since", self.since), ("until", self.until))
        return {name: moment.isoformat() if moment else None for name, moment in ends}


def window_of(since: str | None, until: str | None) -> Window:
    """Build the window from the two options of `clean run`."""
    begin = None if since is None else moment_of(since, "--since")
    return Window(begin, None if until is None else moment_of(until, "--until"))


def moment_of(text: str, option: str) -> datetime:
    """Parse a date (its first moment in UTC) or a time with its zone. The `UserError` otherwise names `option`.

    >>> moment_of("2026-03-01", "--since").isoformat(), moment_of("2026-03-01T02:00+02:00", "--since").isoformat()
    ('2026-03-01T00:00:00+00:00', '2026-03-01T00:00:00+00:00')
    >>> moment_of("2026-03-01T02:00", "--since")
    Traceback (most recent call last):
    pipeline.errors.UserError: --since 2026-03-01T02:00: a time needs its zone. Try: 2026-03-01T02:00Z
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        why = "" if "isoformat" in str(error) else f" ({error})"  # a day that a month has not, and no name of Python's
        raise UserError(
            f"{option} {text}: neither a date nor a time with its zone{why}. "
            "Try: 2026-03-01 or 2026-03-01T06:00:00+02:00"
        ) from None
    if moment.tzinfo is not None:
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise UserError(f"{option} {text}: in UTC this is before the first year or after the last.") from None
    if not _DATE.fullmatch(text.strip()):
        raise UserError(f"{option} {text}: a time needs its zone. Try: {text.strip()}Z")
    return moment.replace(tzinfo=UTC)
