"""Hostile article texts of `tests/cases/hostile_texts.toml`, and a file of them that `clean run` reads."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.folders import CASES

#: Stands before and behind each hostile paragraph, so that a document is an article in every case.
OPENING = "The ferry to Holm sails again from Monday, the harbour office of Port Anning said after nine days of storm."
CLOSING = "Four hundred people had waited on the islands, and the school of Holm had been closed for want of a teacher."


@dataclass(frozen=True, slots=True)
class HostileText:
    """An article with a hostile paragraph; `id`, `outlet` and `url` may be hostile too."""

    name: str
    title: str
    paragraph: str
    id: str
    outlet: str
    url: str | None

    @property
    def text(self) -> str:
        """The article: its hostile paragraph between two sentences of a story."""
        return f"{OPENING}\n\n{self.paragraph}\n\n{CLOSING}"


def hostile_texts() -> list[HostileText]:
    """Every case of the file, in its order."""
    cases = tomllib.loads((CASES / "hostile_texts.toml").read_text(encoding="utf-8"))["case"]
    return [
        HostileText(
            name=case["name"],
            title=case.get("title", case["name"]),
            paragraph=(json.loads(case["json"]) if "json" in case else case["text"]) * case.get("times", 1),
            id=case.get("id", case["name"].replace(" ", "-")),
            outlet=case.get("outlet", f"outlet-{number % 5}"),
            url=case.get("url"),
        )
        for number, case in enumerate(cases)
    ]


def write_articles(path: Path) -> Path:
    """Write the articles as JSON Lines, an hour apart, and return the path."""
    rows = [
        {"id": each.id, "outlet": each.outlet, "url": each.url, "title": each.title, "text": each.text,
         "published": f"2031-05-{1 + number // 24:02}T{number % 24:02}:00:00Z", "authors": [each.title, "Mara Quill"]}
        for number, each in enumerate(hostile_texts())
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
