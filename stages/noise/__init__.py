"""Noise stage: labels text that is not the story, and cuts or moves it, whole paragraphs and spans inside one.

One verdict per paragraph from four kinds of evidence: rule packs (data, by language), a line model over the paragraph
in its document, templates learned per outlet and DOM hints of the page. Every cut is an edit in the ledger that names
its evidence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain, takewhile
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from stages.contract import PARAGRAPH_BREAK, Outcome, replace_column
from stages.ledger import Action, Edit, LedgerRows, apply_edits, subjects
from stages.noise.edits import Cut, Cuts, edit_script, joined, tidy
from stages.noise.embeds import Embeds, posts_in, settle_posts, with_quotations
from stages.noise.fields import FIELD_NAMES, DocumentFields, Lexicon, lexicon
from stages.noise.kept import Keeping, Kept, add_rows, as_it_came, refuse_unknown_labels
from stages.noise.keywords import Keywords
from stages.noise.labels import label_for_readers, with_teasers
from stages.noise.line_characters import Integers
from stages.noise.line_context import NO_RULE, kinds_of
from stages.noise.line_model import LineModel, Threshold
from stages.noise.matcher import RuleMatcher, Seen, compile_packs
from stages.noise.pack_choice import packs_for
from stages.noise.paragraph_shapes import Shapes, add_shapes, normal_form
from stages.noise.rules import REASONS, Rule, RulePack, Strength, keywords_of, parse_pack
from stages.noise.templates import Chosen, Support, by_document, supports_in
from stages.noise.verdict import CutOdds, Hits, Verdict, find_hits, is_weak, verdicts
from stages.noise.view import View, look

__all__ = ["REASONS", "LineModel", "Rule", "RulePack", "Settings", "parse_pack", "run"]

BATCH = 128  # documents that are judged at once: what is known of them fits into a processor's cache
GUARDED_WORDS = 50  # of a text: a shorter one is no story that could be lost
#: How much evidence a cut needs, in a word: the limits of each are in `pipeline/settings/strictness.py`.
Strictness = Literal["precision", "balanced", "recall"]
MAX_ROUNDS = 10  # of judging a document again; of 2,400 documents one needed 8, all others 5 or fewer
LATIN_CHARACTERS = 1000  # of a text, that are read to tell if it is in Latin letters
NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())


@dataclass(frozen=True, slots=True)
class Settings:
    """Evidence of noise, and how much of it a cut needs."""

    packs: tuple[RulePack, ...] = ()
    line_model: LineModel | None = None
    strictness: Strictness = "balanced"  # the word that the limits below were chosen by, where they were not changed
    keep: tuple[str, ...] = ()  # labels that are never cut
    # Chosen on the 300 labelled articles, cross-validated by document, three seeds: line F1 0.863 at 0.19 % of body
    # words lost; on the half that no rule was written from, 0.820 at 0.16 %. They move together, and with the line
    # model's weights.
    min_odds: float = 5.0  # the line model's odds for noise from which on a paragraph is cut …
    min_odds_per_word: float = 0.3  # … and what each of its words adds
    strong_rule_odds: float = 10_000.0  # what a rule multiplies the model's odds by
    likely_rule_odds: float = 2.0
    weak_rule_odds: float = 1.5
    near_rule_odds: float = 4.0  # within two paragraphs of what a strong rule cuts
    min_template_support: int = 8  # documents of the outlet that hold the template
    # Share of a document's words that cuts without strong evidence may take; beyond it only strong cuts are made.
    max_cut_share: float = 0.5
    embeds: Embeds = "cut"  # posts that the story does not need

    def __post_init__(self) -> None:
        refuse_unknown_labels(self.keep)
        for name in ("strong_rule_odds", "likely_rule_odds", "weak_rule_odds", "near_rule_odds"):
            if getattr(self, name) < 1:
                raise ValueError(f"noise.{name} must be at least 1, not {getattr(self, name)}")
        if self.min_odds <= 0 or self.min_odds_per_word < 0:
            raise ValueError("noise.min_odds must be above 0, and noise.min_odds_per_word at least 0")
        if not 0 < self.max_cut_share <= 1:
            raise ValueError(f"noise.max_cut_share must be above 0 and at most 1, not {self.max_cut_share}")
        if self.min_template_support < 2:
            raise ValueError(f"noise.min_template_support must be at least 2, not {self.min_template_support}")


class LanguageTools(NamedTuple):
    """Compiled packs, and what is known of the paragraphs of the documents that they hold for."""

    matcher: RuleMatcher
    words: Lexicon
    keywords: Keywords
    seen: Seen
    shapes: Shapes


#: Tools by language, and by the names of their packs where a document's language is not known.
KnownTools = dict[str | tuple[str, ...] | None, LanguageTools]


@dataclass(slots=True)
class JudgedDocument:
    """One document while it is judged."""

    view: View
    tools: LanguageTools
    fields: DocumentFields
    hits: Hits = field(default_factory=Hits)
    supports: Mapping[int, Support] = field(default_factory=dict)
    probabilities: Sequence[float] | None = None
    hints: Mapping[int, str] = field(default_factory=dict)
    story: Mapping[int, float] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)


Document = dict[str, Any]


class Cleaned(NamedTuple):
    """A document after the stage, the edits that made it so, and what would have been cut and was not."""

    document: Document
    edits: list[Edit]
    kept: list[Kept]  # for its label
    held_back: float = 0.0  # share that weak cuts would have taken; 0 where all cuts were made


def run(documents: pa.Table, settings: Settings, templates: pa.Table | None = None) -> Outcome:
    """Remove the noise from documents, fill their fields from it, and write a ledger row for every cut.

    `templates` are the paragraphs that template mining chose (schema `templates.CHOSEN`). A document without any text
    left is skipped.
    """
    rows = LedgerRows("noise", REASONS)
    cleaned: list[Document] = []
    before = documents.to_pylist()
    for subject, document, (after, edits, kept, held_back) in zip(
        subjects(documents), before, clean_all(before, settings, templates), strict=True
    ):
        rows.add_edits(subject, document["text"], edits)
        add_rows(rows, subject, kept)
        cleaned.append(after)
        if after["deck"] != document["deck"]:
            rows.add(subject, "marked", "deck", before=after["deck"])
        if held_back:
            rows.add(subject, "marked", "large_cut", measured=held_back, limit=settings.max_cut_share)
        if not after["text"].strip():
            rows.add(subject, "skipped", "no_text_left")
    return Outcome(carry_on(documents, cleaned), rows.table())


def clean_all(documents: Sequence[Document], settings: Settings, templates: pa.Table | None) -> Iterator[Cleaned]:
    """Yield each document as it is when nothing more is found in it, and the edits that made it so.

    A cut changes the evidence on the rest: the paragraph below a caption is the first now, the title is known. So a
    document that lost something is judged again, and the cuts of all rounds are one script of the text as it came.
    """
    chosen = {} if templates is None else by_document(templates)
    for first in range(0, len(documents), BATCH):
        yield from clean_closed(documents[first : first + BATCH], settings, chosen)


def clean_closed(documents: Sequence[Document], settings: Settings, chosen: Chosen) -> Iterator[Cleaned]:
    """Clean a few documents; where cuts without strong evidence take too much of one, make only the strong ones."""
    cleaned = list(clean_some(documents, settings, cut_odds(settings), chosen))
    strengths = {rule.id: rule.strength for pack in settings.packs for rule in pack.rules}
    pairs = zip(documents, cleaned, strict=True)
    shares = [weak_share(document["text"], one.edits, strengths) for document, one in pairs]
    large = [at for at, share in enumerate(shares) if share > settings.max_cut_share]
    if large:
        strong_only = replace(cut_odds(settings), strong_only=True)
        again = clean_some([documents[at] for at in large], settings, strong_only, chosen)
        for at, one in zip(large, again, strict=True):
            cleaned[at] = one
    for at, one in enumerate(cleaned):
        yield one._replace(held_back=shares[at]) if at in large else one


def weak_share(text: str, edits: Sequence[Edit], strengths: Mapping[str, Strength]) -> float:
    """Return the share of a text's words that cuts without strong evidence take.

    >>> cuts = [Edit(0, 5, rule="model"), Edit(7, 11, rule="en.byline")]
    >>> weak_share("Share\\n\\nBy A\\n\\nIt rained.", cuts, {"en.byline": "strong"})
    0.02
    """
    weak = [edit for edit in edits if is_weak(edit.rule or "", strengths)]
    if not weak:
        return 0.0
    taken = sum(len(text[edit.start : edit.end].split()) for edit in weak)
    return taken / max(GUARDED_WORDS, len(text.split()))


def clean_some(documents: Sequence[Document], settings: Settings, odds: CutOdds, chosen: Chosen) -> Iterator[Cleaned]:
    """Clean a few documents in rounds; yield each as it is at the end, and the edits that made it so."""
    now = list(documents)
    known: KnownTools = {}
    cuts: list[Cuts] = [{} for _ in now]
    edits: list[list[Edit]] = [[] for _ in now]
    kept: list[list[Kept]] = [[] for _ in now]
    posts: list[list[set[int]]] = []  # of each document, by round
    remaining = list(range(len(now)))
    for _ in range(MAX_ROUNDS):
        judged = gather_evidence([now[at] for at in remaining], settings, known, chosen)
        keeping = [Keeping(settings.keep, documents[at]["text"], cuts[at]) for at in remaining]
        found = cuts_of_round(judged, keeping, settings, odds)
        posts.append(list(map(posts_of, judged)))
        for at, one, new in zip(remaining, judged, found, strict=True):
            now[at] = {**now[at], **one.fields.values()}
            kept[at] = as_it_came(documents[at]["text"], cuts[at], one.kept)
            if new:
                cuts[at], edits[at] = more_cuts(documents[at]["text"], cuts[at], new)
                now[at]["text"] = apply_edits(documents[at]["text"], edits[at])
        remaining = [at for at, new in zip(remaining, found, strict=True) if new and now[at]["text"].strip()]
        if not remaining:
            break
    quote_posts(documents, now, edits, posts[0] if settings.embeds == "quote" else ())
    for document, after, some, stays in zip(documents, now, edits, kept, strict=True):
        yield Cleaned(after, with_teasers(document["text"], some), stays)


def more_cuts(text: str, cuts: Cuts, new: Cuts) -> tuple[Cuts, list[Edit]]:
    """Join the cuts of one more round to those before it; return them, and the edits of the text as it came."""
    paragraphs = text.split(PARAGRAPH_BREAK)
    both = joined(paragraphs, cuts, new)
    return both, edit_script(paragraphs, both)


def posts_of(one: JudgedDocument) -> set[int]:
    """Return the paragraphs of a document that are posts."""
    return posts_in(one.hits.paragraphs, attributions=False)


def quote_posts(
    documents: Sequence[Document], now: list[Document], edits: list[list[Edit]], posts: Sequence[set[int]]
) -> None:
    """Put the posts that are left between quotation marks, in place."""
    for at in (at for at, some in enumerate(posts) if some):
        text = documents[at]["text"]
        edits[at] = with_quotations(text.split(PARAGRAPH_BREAK), posts[at], edits[at], len(PARAGRAPH_BREAK))
        now[at] = {**now[at], "text": apply_edits(text, edits[at])}


def cut_odds(settings: Settings) -> CutOdds:
    """Return the odds that the settings ask for."""
    threshold = Threshold(settings.min_odds, settings.min_odds_per_word)
    rules = (settings.strong_rule_odds, settings.likely_rule_odds, settings.weak_rule_odds)
    return CutOdds(*rules, settings.near_rule_odds, threshold, settings.min_template_support)


def gather_evidence(
    documents: Sequence[Document], settings: Settings, known: KnownTools, chosen: Chosen
) -> list[JudgedDocument]:
    """Gather the evidence on documents: rule hits, templates, DOM hints and the line model's probabilities.

    `known` holds the tools that were made so far.
    """
    tools = [tools_for(document, settings.packs, known) for document in documents]
    paragraphs = [document["text"].split(PARAGRAPH_BREAK) for document in documents]
    for used in {id(its): its for its in tools}.values():
        its_own = (some for some, its in zip(paragraphs, tools, strict=True) if its is used)
        add_shapes(used.shapes, chain.from_iterable(its_own), used.keywords)
        used.matcher.read(used.shapes, used.seen)
    judged = list(map(view_document, documents, paragraphs, tools))
    for document, one in zip(documents, judged, strict=True):
        one.hits = find_hits(one.view, one.tools.matcher, one.tools.seen)
        one.supports = supports_in(one.view.outlet, one.view.paragraphs, chosen.get(document["doc_id"], {}))
    if settings.line_model is not None:
        predict_noise(judged, [document["language"] for document in documents], settings.line_model)
    return judged


def predict_noise(judged: Sequence[JudgedDocument], languages: Sequence[str | None], line_model: LineModel) -> None:
    """Set the probabilities of noise: the line model's, weighed with those of story that a page's blocks have."""
    known = [at for at, one in enumerate(judged) if is_latin(one.view.paragraphs)]
    some = [judged[at] for at in known]
    predicted = line_model.predict([one.view.paragraphs for one in some], [languages[at] for at in known])
    kinds = [strong_kinds(one) for one in some]
    predicted = line_model.in_context(predicted, [one.view.n_words for one in some], kinds)
    for one, probabilities in zip(some, predicted, strict=True):
        one.probabilities = with_story(probabilities.tolist(), one.story)


#: Odds are no smaller, and no larger than one in it: one witness alone does not decide.
_LEAST_ODDS = 1e-4


def with_story(probabilities: list[float], story: Mapping[int, float]) -> list[float]:
    """Weigh the probabilities of noise with those of story that the page's blocks have, as an independent witness's.

    Pages lost 0.1 points more of their story without it, and as much with 0.35 or 0.7 of its weight as with all of it.

    >>> [round(one, 2) for one in with_story([0.5, 0.5, 0.5], {0: 0.99, 2: 0.1})]
    [0.01, 0.5, 0.9]
    """
    weighed = list(probabilities)
    for at, p in story.items():
        odds = odds_of(probabilities[at]) / odds_of(p)
        weighed[at] = odds / (1 + odds)
    return weighed


def odds_of(probability: float) -> float:
    """Return the odds of a probability, never quite zero or without end."""
    return max(probability, _LEAST_ODDS) / max(1 - probability, _LEAST_ODDS)


def strong_kinds(one: JudgedDocument) -> Integers:
    """Return the kind of furniture that a strong rule finds in each paragraph."""
    kinds = np.full(len(one.view.paragraphs), NO_RULE, np.int64)
    strong = {at: rule.label for at, rule in one.hits.strongest.items() if rule.strength == "strong"}
    if strong:
        kinds[list(strong)] = kinds_of(list(strong.values()))
    return kinds


def is_latin(paragraphs: Sequence[str]) -> bool:
    """Return True if most letters at the beginning of a text are Latin: the line model was trained on no others.

    >>> is_latin(["Der Hafen ist offen."]), is_latin(["港は再び開いた。"])
    (True, False)
    """
    first = takewhile(lambda so_far: so_far < LATIN_CHARACTERS, accumulate(map(len, paragraphs), initial=0))
    head = " ".join([paragraph[:LATIN_CHARACTERS] for _, paragraph in zip(first, paragraphs, strict=False)])
    head = head[:LATIN_CHARACTERS]
    if 2 * len(head.encode("ascii", "ignore").translate(None, NO_LETTERS)) > len(head):
        return True  # nearly always; one by one takes as long as a third of the stage
    letters = [character for character in head if character.isalpha()]
    return 2 * sum(character < "\u0250" for character in letters) > len(letters)


def view_document(document: Document, paragraphs: list[str], tools: LanguageTools) -> JudgedDocument:
    """Make the view of one document, with its fields and the evidence of its page."""
    view = look(paragraphs, document["title"], document["outlet"], tools.shapes, tools.keywords)
    fields = DocumentFields.of(document, tools.words)
    lines = document["line_evidence"] or ()
    hints, story = (evidence_in(view, lines, name) for name in ("hint", "story"))
    return JudgedDocument(view, tools, fields, hints=hints, story=story)


def evidence_in(view: View, lines: Iterable[Mapping[str, Any]], name: str) -> dict[int, Any]:
    """Return one kind of a page's line evidence by paragraph, for the paragraphs that the page has some for."""
    found = {normal_form(line["line"]): line[name] for line in lines if line[name] is not None}
    return {at: found[form] for at, form in enumerate(view.forms) if form in found} if found else {}


def tools_for(document: Document, packs: tuple[RulePack, ...], known: KnownTools) -> LanguageTools:
    """Compile the rules and word lists that hold for a document. Those of the same packs are kept in `known`."""
    language = document["language"]
    if language in known:
        return known[language]
    chosen = packs_for(language, document["text"], packs)
    names = tuple(pack.name for pack in chosen)
    if names not in known:
        known[names] = LanguageTools(compile_packs(chosen), lexicon(chosen), keywords_of(packs), {}, {})
    if language is not None:
        known[language] = known[names]
    return known[names]


def cuts_of_round(
    judged: Sequence[JudgedDocument], keeping: Sequence[Keeping], settings: Settings, odds: CutOdds
) -> list[Cuts]:
    """Find the cuts of documents in one round of judging them."""
    return [find_cuts(one, odds, settings.embeds, its) for one, its in zip(judged, keeping, strict=True)]


def find_cuts(one: JudgedDocument, odds: CutOdds, embeds: Embeds, keeping: Keeping) -> Cuts:
    """Find the cuts of each paragraph: all of it where there is a verdict, else the spans that span rules find.

    Those of a label that is kept are noted in `one.kept` instead; they fill fields all the same.
    """
    judged = verdicts(one.view, one.hits, one.probabilities, one.supports, one.hints, odds)
    judged = settle_posts(judged, one.view, one.hits.paragraphs, embeds)
    rules, paragraphs = one.tools.matcher.by_id, one.view.paragraphs
    cuts: Cuts = {}
    for at in sorted({*judged, *one.hits.spans}):
        goes = at in judged and not is_deck(one, at, judged[at])
        cuts[at] = [whole(one, paragraphs[at], judged[at], rules.get(judged[at].rule))] if goes else spans(one, at)
    if keeping.labels:
        cuts, one.kept = keeping.divided(paragraphs, cuts)
    found = {at: tidy(paragraphs[at], some) for at, some in cuts.items()}
    return {at: some for at, some in found.items() if some}


def is_deck(one: JudgedDocument, at: int, verdict: Verdict) -> bool:
    """Return True for the standfirst, which stays, because it is the article's own words; copy it to its field.

    A repetition of it goes.
    """
    if verdict.label == "deck" and not one.fields.deck:
        one.fields.deck = one.view.paragraphs[at]
        return True
    deck = normal_form(one.fields.deck or "")
    return bool(deck) and verdict.label != "duplicate" and one.view.forms[at] == deck


def whole(one: JudgedDocument, paragraph: str, verdict: Verdict, rule: Rule | None) -> Cut:
    """Cut a whole paragraph, and move its words to the document's fields where its rule names them."""
    found = one.tools.matcher.spans(rule, paragraph) if rule is not None and has_groups(rule) else []
    groups = found[0][2] if found else {}
    if not groups and verdict.label == "title":
        groups = {"title": paragraph}
    is_update = verdict.label in ("date", "byline") and one.fields.note_times(paragraph, one.tools.words)
    if is_update:  # its time is not that of publication
        groups = {name: words for name, words in groups.items() if name != "published"}
    took = one.fields.fill(groups, one.tools.words)
    took |= verdict.label == "byline" and one.fields.note_credits(paragraph, one.tools.words)
    action: Action = "moved" if took or is_update else "cut"
    label = label_for_readers(verdict.label, verdict.rule, paragraph) if action == "cut" else verdict.label
    return Cut(0, len(paragraph), label, verdict.rule, action, verdict.measured, verdict.limit)


def has_groups(rule: Rule) -> bool:
    """Return True if a rule's pattern has named groups."""
    return rule.pattern is not None and any(sign in rule.pattern for sign in ("(?P<", "(?<"))


def spans(one: JudgedDocument, at: int) -> list[Cut]:
    """Find the spans of a paragraph that span rules cut, and fill fields from them."""
    paragraph = one.view.paragraphs[at]
    found: list[Cut] = []  # in order, without overlap
    for rule in one.hits.spans.get(at, ()):
        for start, end, groups in one.tools.matcher.spans(rule, paragraph):
            place = bisect_left(found, end, key=attrgetter("start"))
            if place == 0 or found[place - 1].end <= start:
                action: Action = "moved" if one.fields.fill(groups, one.tools.words) else "cut"
                found.insert(place, Cut(start, end, rule.label, rule.id, action))
    return found


def carry_on(documents: pa.Table, cleaned: Sequence[Document]) -> pa.Table:
    """Return the documents that have text left, with their new text and fields."""
    for name in (*FIELD_NAMES, "text"):
        documents = replace_column(documents, name, [document[name] for document in cleaned])
    return documents.filter(pa.array([bool(document["text"].strip()) for document in cleaned], pa.bool_()))
