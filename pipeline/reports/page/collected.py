"""Everything that a page shows, collected from the tables of the reported runs."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.reports.page.clusters import LargestClusters, largest_clusters
from pipeline.reports.page.copies import CopiedWords, copies_of
from pipeline.reports.page.funnel import Funnel, funnel_of
from pipeline.reports.page.ledger_rows import LedgerFigures, ledger_figures
from pipeline.reports.page.scope import DocumentFigures, Scope, documents_of, outlets_of
from pipeline.reports.page.settings_shown import RunFacts, facts_of
from pipeline.reports.page.trend_rows import RunHistory, history_of
from pipeline.tally import OutletTally

#: Outlets of the noise table. Chosen by hand.
NOISE_OUTLETS = 40


class Collected(NamedTuple):
    """The figures and samples of a page."""

    scope: Scope
    documents: DocumentFigures
    funnel: Funnel
    copies: CopiedWords
    clusters: LargestClusters
    outlets: dict[str, OutletTally]
    noisiest: list[str]  # the outlets that lost the most words, the most first
    ledger: LedgerFigures
    history: RunHistory
    facts: RunFacts


def collect(scope: Scope) -> Collected:
    """Read the tables. Memory holds samples, counts by outlet, and 24 bytes for each cluster of passages."""
    documents, outlets = documents_of(scope), outlets_of(scope)
    noisiest = _noisiest(outlets) or [outlet for outlet, _ in documents.outlets.most_common(NOISE_OUTLETS)]
    return Collected(
        scope=scope,
        documents=documents,
        funnel=funnel_of(scope, documents),
        copies=copies_of(scope),
        clusters=largest_clusters(scope),
        outlets=outlets,
        noisiest=noisiest,
        ledger=ledger_figures(scope, frozenset(noisiest)),
        history=history_of(scope),
        facts=facts_of(scope),
    )


def _noisiest(outlets: dict[str, OutletTally]) -> list[str]:
    lost = {outlet: counted.words_in - counted.words_out for outlet, counted in outlets.items()}
    return sorted((each for each in lost if lost[each] > 0), key=lambda each: (-lost[each], each))[:NOISE_OUTLETS]
