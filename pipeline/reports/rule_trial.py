"""Trial of rules: what rules that no run has used yet would cut from the published texts of a corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pipeline.errors import UserError
from pipeline.reports.rule_use import RuleUse
from pipeline.settings import Settings, parse
from pipeline.settings.rule_packs import noise_settings
from pipeline.storage.reader import Corpus
from pipeline.storage.tables import DOCUMENTS, dataset
from stages import noise
from stages.contract import DOCUMENT, PARAGRAPH_BREAK
from stages.noise.rules import Rule, RulePack, compile_pattern

#: Documents that are tried at once.
BATCH = 256


@dataclass(frozen=True)
class RuleTrial:
    """Cuts that new rules would make, by rule, and the number of documents they were tried on."""

    rules: tuple[Rule, ...]
    uses: dict[str, RuleUse]
    documents: int = 0


def try_on_corpus(corpus: Corpus, settings: Settings) -> RuleTrial:
    """Find what those rules of the settings that a corpus was not cleaned with would cut from its published texts.

    Texts are judged batch by batch as they are, without their pages; only what the new rules cut is counted. Raises
    UserError where no rule is new.
    """
    chosen = noise_settings(settings)
    known = set(_rules_in(_packs_in_use(corpus)))
    new = tuple(rule for rule in _rules_in(chosen.packs) if rule not in known)
    if not new:
        raise UserError(
            f"the corpus in {corpus.out}/ was cleaned with all rules of these settings, so that none is new. Name a "
            "pack of your own in [evidence] rule_packs of a settings file, and that file with --config."
        )
    uses = {rule.id: RuleUse() for rule in new}
    tried = 0
    for documents in _published(corpus):
        tried += len(documents)
        candidates = documents.filter(pa.array(_may_be_hit(documents["text"].to_pylist(), new), pa.bool_()))
        if len(candidates):
            _count(noise.run(candidates, chosen).ledger, candidates, uses)
    return RuleTrial(new, uses, tried)


def _rules_in(packs: Iterable[RulePack]) -> Iterator[Rule]:
    return (rule for pack in packs for rule in pack.rules)


def _packs_in_use(corpus: Corpus) -> Sequence[RulePack]:
    """Return the packs that the last run used, as they are now; the shipped ones where its settings do not read."""
    settings = corpus.store.manifest(corpus.runs[-1]).get("settings", {})
    try:
        return noise_settings(parse({"evidence": settings.get("evidence", {})})).packs
    except UserError:  # of another version, or its packs have moved
        return noise_settings(Settings()).packs


def _published(corpus: Corpus) -> Iterator[pa.Table]:
    """Yield the published documents in batches, as the noise stage takes them."""
    names = [field.name for field in DOCUMENT if field.name in DOCUMENTS.names]
    for run in corpus.runs:
        for batch in dataset(corpus.out, "documents", run).to_batches(columns=names, batch_size=BATCH):
            columns = {name: batch[name] for name in names} | {"kind": pa.array(["text"] * len(batch), pa.string())}
            yield pa.table(
                [columns.get(field.name, pa.nulls(len(batch), field.type)) for field in DOCUMENT], schema=DOCUMENT
            )


def _may_be_hit(texts: Sequence[str], rules: Sequence[Rule]) -> list[bool]:
    """Tell for each text if a rule's pattern is in one of its paragraphs; rules with a predicate may hit any."""
    if any(rule.pattern is None for rule in rules):
        return [True] * len(texts)
    patterns = [compile_pattern(rule.pattern or "") for rule in rules]
    return [
        any(pattern.search(paragraph) for paragraph in text.split(PARAGRAPH_BREAK) for pattern in patterns)
        for text in texts
    ]


def _count(ledger: pa.Table, documents: pa.Table, uses: dict[str, RuleUse]) -> None:
    """Count the cuts of new rules among those of a batch."""
    outlets = dict(zip(documents["doc_id"].to_pylist(), documents["outlet"].to_pylist(), strict=True))
    touched: set[tuple[str, str]] = set()
    for row in ledger.select(["doc_id", "rule", "action", "before"]).to_pylist():
        if row["rule"] in uses and row["action"] in ("cut", "moved"):
            uses[row["rule"]].add(row["before"] or "", outlets[row["doc_id"]], row["doc_id"])
            touched.add((row["rule"], row["doc_id"]))
    for rule, _ in touched:
        uses[rule].documents += 1
