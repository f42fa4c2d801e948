"""The dataset card of an export for Hugging Face: how the folder is read, what it holds, how it was cleaned.

Nothing in it is taken from documents: their words could be Markdown or YAML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from pipeline import __version__
from pipeline.storage.corpus_card import HOW, LICENCE, MEANING

#: Sizes by the names that the Hub knows.
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


class CardFacts(NamedTuple):
    """Facts of an export that its card states: rows by table and split, documents by language, and the options."""

    rows: Mapping[str, Mapping[str, int]]
    languages: Mapping[str, int]
    selection: str
    canonical: bool
    divided: bool


def card(facts: CardFacts) -> str:
    """Return the text of README.md. The licence is left open: whoever publishes the texts must know it."""
    return f"---\n{_front_matter(facts)}---\n\n{_body(facts)}"


def _front_matter(facts: CardFacts) -> str:
    """Return the YAML that the Hub and `load_dataset` read. Every text in it is quoted as JSON, which is YAML."""
    n = sum(facts.rows["documents"].values())
    size = next((name for limit, name in SIZES if n < limit), "n>1M")
    lines = ["# license: name the licence of the texts here", "pretty_name: A news corpus"]
    if facts.languages:
        lines += ["language:", *(f"- {json.dumps(code)}" for code in sorted(facts.languages))]
    lines += ["tags:", "- news", "- text reuse", "size_categories:", f"- {size}", "configs:"]
    for table, splits in facts.rows.items():
        lines += [f"- config_name: {table}", *(["  default: true"] if table == "documents" else []), "  data_files:"]
        for split in splits:
            lines += [f"  - split: {split}", f"    path: {table}/{split}.parquet"]
    return "\n".join(lines) + "\n"


def _body(facts: CardFacts) -> str:
    tables = "\n".join(
        f"| `{table}` | {MEANING[table]} | {', '.join(f'{name}: {n:,}' for name, n in splits.items())} |"
        for table, splits in facts.rows.items()
    )
    languages = ", ".join(f"`{code}` {n:,}" for code, n in sorted(facts.languages.items())) or "unknown"
    text = (
        "`text` has no passages that another document had first" if facts.canonical else "`text` is the whole article"
    )
    chosen = f"\nChosen: `{_quoted(facts.selection)}`.\n" if facts.selection else ""
    splits = f"\n## Splits\n\n{SPLITS}\n" if facts.divided else ""
    return BODY.format(
        tables=tables, languages=languages, text=text, chosen=chosen, splits=splits, version=__version__,
        how=HOW, licence=LICENCE,
    )  # fmt: skip


def _quoted(text: str) -> str:
    """Return a text that stands between backticks in one line."""
    return json.dumps(text, ensure_ascii=True)[1:-1].replace("`", "'")


SPLITS = """Documents were divided by cluster: two that share a copied passage, or are copies or versions of each
other, are in the same split. So no copied passage that was found has
one copy in one split and another in a second one."""

BODY = """# A news corpus

```python
from datasets import load_dataset

documents = load_dataset("PATH")                # this folder, or its name on the Hub
passages = load_dataset("PATH", "passages")     # or paragraphs, ledger
```

| configuration | holds | rows |
|---|---|---|
{tables}

Documents by language: {languages}. {text}.
{chosen}{splits}
## How it was cleaned

copydesk {version} {how}

## Licence

{licence}

## Citation

```bibtex
@software{{copydesk,
  title = {{copydesk}},
  version = {{{version}}},
  note = {{Turns raw news from many outlets into a canonical corpus}}
}}
```
"""
