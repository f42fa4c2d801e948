"""Noise stage: labels text that is not the story, and cuts or moves it, whole paragraphs and spans inside one.

One verdict per paragraph from four kinds of evidence: rule packs (data, by language), a line model over the paragraph
in its document, templates learned per outlet and DOM hints of the page. Every cut is an edit in the ledger that names
its evidence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, NamedTuple

import pyarrow as pa

from stages.contract import PARAGRAPH_BREAK, Outcome, replace_column
from stages.ledger import Action, Edit, LedgerRows, apply_edits, subjects
from stages.noise.edits import Cut, Cuts, edit_script, joined, tidy
from stages.noise.embeds import Embeds, posts_in, settle_posts, with_quotations
from stages.noise.fields import FIELD_NAMES, DocumentFields, Lexicon, lexicon
from stages.noise.keywords import Keywords
from stages.noise.line_model import LineModel, Threshold
from stages.noise.matcher import RuleMatcher, Seen, compile_packs
from stages.noise.rules import REASONS, Rule, RulePack, Strength, keywords_of, parse_pack
from stages.noise.templates import Chosen, Support, by_document, supports_in
from stages.noise.verdict import CutOdds, Hits, Verdict, find_hits, is_weak, verdicts
from stages.noise.view import Shapes, View, look, normal_form

__all__ = ["REASONS", "LineModel", "Rule", "RulePack", "Settings", "parse_pack", "run"]

BATCH = 128  # documents that are judged at once: what is known of them fits into a processor's cache
GUARDED_WORDS = 50  # of a text: a shorter one is no story that could be lost
MAX_ROUNDS = 10  # of judging a document again; of 2,400 documents one needed 8, all others 5 or fewer
NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())


@dataclass(frozen=True, slots=True)
class Settings:
    """Evidence of noise, and how much of it a cut needs."""

    packs: tuple[RulePack, ...] = ()
    line_model: LineModel | None = None
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
    """The compiled packs of one language, and what is known of the paragraphs of its documents."""

    matcher: RuleMatcher
    words: Lexicon
    keywords: Keywords
    seen: Seen
    shapes: Shapes


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


Document = dict[str, Any]


class Cleaned(NamedTuple):
    """A document after the stage, the edits that made it so, and the share that weak cuts would have taken."""

    document: Document
    edits: list[Edit]
    held_back: float  # 0 where all cuts were made


def run(documents: pa.Table, settings: Settings, templates: pa.Table | None = None) -> Outcome:
    """Remove the noise from documents, fill their fields from it, and write a ledger row for every cut.

    `templates` are the paragraphs that template mining chose (schema `templates.CHOSEN`). A document without any text
    left is skipped.
    """
    rows = LedgerRows("noise", REASONS)
    cleaned: list[Document] = []
    before = documents.to_pylist()
    for subject, document, (after, edits, held_back) in zip(
        subjects(documents), before, clean_all(before, settings, templates), strict=True
    ):
        rows.add_edits(subject, document["text"], edits)
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
    shares = [weak_share(document["text"], edits, strengths) for document, (_, edits) in pairs]
    large = [at for at, share in enumerate(shares) if share > settings.max_cut_share]
    if large:
        strong_only = replace(cut_odds(settings), strong_only=True)
        again = clean_some([documents[at] for at in large], settings, strong_only, chosen)
        for at, one in zip(large, again, strict=True):
            cleaned[at] = one
    for at, (document, edits) in enumerate(cleaned):
        yield Cleaned(document, edits, shares[at] if at in large else 0.0)


def weak_share(text: str, edits: Sequence[Edit], strengths: Mapping[str, Strength]) -> float:
    """Return the share of a text's words that cuts without strong evidence take.

    >>> cuts = [Edit(0, 5, rule="model"), Edit(7, 11, rule="en.byline")]
    >>> weak_share("Share\\n\\nBy A\\n\\nIt rained.", cuts, {"en.byline": "strong"})
    0.02
    """
    weak = [edit for edit in edits if is_weak(edit.rule or "", strengths)]
    taken = sum(len(text[edit.start : edit.end].split()) for edit in weak)
    return taken / max(GUARDED_WORDS, len(text.split()))


def clean_some(
    documents: Sequence[Document], settings: Settings, odds: CutOdds, chosen: Chosen
) -> Iterator[tuple[Document, list[Edit]]]:
    """Clean a few documents in rounds; yield each as it is at the end, and the edits that made it so."""
    now = list(documents)
    tools = {language: tools_for(language, settings.packs) for language in {one["language"] for one in now}}
    cuts: list[Cuts] = [{} for _ in now]
    edits: list[list[Edit]] = [[] for _ in now]
    posts: list[list[set[int]]] = []  # of each document, by round
    remaining = list(range(len(now)))
    for _ in range(MAX_ROUNDS):
        judged = gather_evidence([now[at] for at in remaining], tools, settings.line_model, chosen)
        found = [find_cuts(one, odds, settings.embeds) for one in judged]
        posts.append(list(map(posts_of, judged)))
        for at, one, new in zip(remaining, judged, found, strict=True):
            now[at] = {**now[at], **one.fields.values()}
            if new:
                paragraphs = documents[at]["text"].split(PARAGRAPH_BREAK)
                cuts[at] = joined(paragraphs, cuts[at], new)
                edits[at] = edit_script(paragraphs, cuts[at])
                now[at]["text"] = apply_edits(documents[at]["text"], edits[at])
        remaining = [at for at, new in zip(remaining, found, strict=True) if new and now[at]["text"].strip()]
        if not remaining:
            break
    if settings.embeds == "quote":
        quote_posts(documents, now, edits, posts[0])
    yield from zip(now, edits, strict=True)


def posts_of(one: JudgedDocument) -> set[int]:
    """Return the paragraphs of a document that are posts."""
    return posts_in(one.hits.paragraphs, attributions=False)


def quote_posts(
    documents: Sequence[Document], now: list[Document], edits: list[list[Edit]], posts: Sequence[set[int]]
) -> None:
    """Put the posts that are left between quotation marks, in place."""
    for at in [at for at, some in enumerate(posts) if some]:
        text = documents[at]["text"]
        edits[at] = with_quotations(text.split(PARAGRAPH_BREAK), posts[at], edits[at], len(PARAGRAPH_BREAK))
        now[at] = {**now[at], "text": apply_edits(text, edits[at])}


def cut_odds(settings: Settings) -> CutOdds:
    """Return the odds that the settings ask for."""
    threshold = Threshold(settings.min_odds, settings.min_odds_per_word)
    rules = (settings.strong_rule_odds, settings.likely_rule_odds, settings.weak_rule_odds)
    return CutOdds(*rules, settings.near_rule_odds, threshold, settings.min_template_support)


def gather_evidence(
    documents: Sequence[Document],
    tools: Mapping[str | None, LanguageTools],
    line_model: LineModel | None,
    chosen: Chosen,
) -> list[JudgedDocument]:
    """Gather the evidence on documents: rule hits, templates, DOM hints and the line model's probabilities."""
    judged = [view_document(document, tools[document["language"]]) for document in documents]
    for used in tools.values():
        used.matcher.read(used.shapes, used.seen)
    for document, one in zip(documents, judged, strict=True):
        one.hits = find_hits(one.view, one.tools.matcher, one.tools.seen)
        one.supports = supports_in(one.view.outlet, one.view.paragraphs, chosen.get(document["doc_id"], {}))
    if line_model is not None:
        known = [at for at, one in enumerate(judged) if is_latin(one.view.paragraphs)]
        languages = [documents[at]["language"] for at in known]
        predicted = line_model.predict([judged[at].view.paragraphs for at in known], languages)
        for one, probabilities in zip((judged[at] for at in known), predicted, strict=True):
            one.probabilities = probabilities.tolist()
    return judged


def is_latin(paragraphs: Sequence[str]) -> bool:
    """Return True if most letters at the beginning of a text are Latin: the line model was trained on no others.

    >>> is_latin(["Der Hafen ist offen."]), is_latin(["港は再び開いた。"])
    (True, False)
    """
    head = " ".join(paragraph[:1000] for paragraph in paragraphs[:1000])[:1000]
    if 2 * len(head.encode("ascii", "ignore").translate(None, NO_LETTERS)) > len(head):
        return True  # nearly always; one by one takes as long as a third of the stage
    letters = [character for character in head if character.isalpha()]
    return 2 * sum(character < "\u0250" for character in letters) > len(letters)


def view_document(document: Document, tools: LanguageTools) -> JudgedDocument:
    """Make the view of one document, with its fields and DOM hints."""
    paragraphs = document["text"].split(PARAGRAPH_BREAK)
    view = look(paragraphs, document["title"], document["outlet"], tools.shapes, tools.keywords)
    return JudgedDocument(
        view, tools, DocumentFields.of(document, tools.words), hints=hints_in(view, document["cues"] or ())
    )


def hints_in(view: View, hinted: Iterable[Mapping[str, str]]) -> dict[int, str]:
    """Return the DOM hint of each paragraph that the page has one for."""
    hints = {normal_form(one["line"]): one["cue"] for one in hinted}
    return {at: hints[form] for at, form in enumerate(view.forms) if form in hints} if hints else {}


def tools_for(language: str | None, packs: tuple[RulePack, ...]) -> LanguageTools:
    """Compile the rules and word lists that hold for a language."""
    chosen = packs_for(language, packs)
    return LanguageTools(compile_packs(chosen), lexicon(chosen), keywords_of(packs), {}, {})


def packs_for(language: str | None, packs: tuple[RulePack, ...]) -> tuple[RulePack, ...]:
    """Choose the packs that hold for a language: those that name it, whose rules know more, then those for all.

    Where the language is not known, every pack holds.

    >>> packs = (RulePack("any"), RulePack("de", languages=("de",)), RulePack("en", languages=("en",)))
    >>> [pack.name for pack in packs_for("de", packs)], [pack.name for pack in packs_for(None, packs)]
    (['de', 'any'], ['de', 'en', 'any'])
    """
    return tuple(sorted((pack for pack in packs if pack.holds_for(language)), key=lambda pack: not pack.languages))


def find_cuts(one: JudgedDocument, odds: CutOdds, embeds: Embeds) -> Cuts:
    """Find the cuts of each paragraph: all of it where there is a verdict, else the spans that span rules find."""
    cuts: Cuts = {}
    judged = verdicts(one.view, one.hits, one.probabilities, one.supports, one.hints, odds)
    judged = settle_posts(judged, one.view, one.hits.paragraphs, embeds)
    rules = one.tools.matcher.by_id
    for at in sorted({*judged, *one.hits.spans}):
        paragraph = one.view.paragraphs[at]
        goes = at in judged and not is_deck(one, at, judged[at])
        found = [whole(one, paragraph, judged[at], rules.get(judged[at].rule))] if goes else spans(one, at)
        cuts[at] = tidy(paragraph, found)
    return {at: some for at, some in cuts.items() if some}


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
    return Cut(0, len(paragraph), verdict.label, verdict.rule, action, verdict.measured, verdict.limit)


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
