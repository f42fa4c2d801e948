"""The line model: features of paragraphs in their document, and weights as data."""

import hashlib
import importlib.util
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.noise.line_model import (
    COLUMNS,
    FEATURES,
    LineModel,
    TextModel,
    Threshold,
    WordClasses,
    batch_features,
    batch_of,
    features,
)
from stages.noise.line_text import BUCKETS, buckets_of, text_features
from tests.helpers.examples import examples
from tests.helpers.folders import ROOT
from tests.stages.noise.shipped import FOLDER, WORDS

WEIGHTS = FOLDER / "line_model.json"
CLASSES = WordClasses.from_dict(WORDS)

STORY = [
    "Scroll down for video",
    "The harbour council of Lindmouth voted on Tuesday to close the ferry pier, and said the last boat leaves in May.",
    "Farewell: Ida Berg (left) waves from the Lindmouth ferry pier last week",
    "“We asked for ten more years and got ten more weeks,” said Ida Berg, who has sold tickets there since 1988.",
    "READ MORE: Ten harbours that the sea took back",
    "The council will meet again in June, when it expects a report on what the pier would cost to rebuild.",
    "Photo: Ida Berg/Lindmouth Courier",
    "Follow us on Twitter and like us on Facebook",
]
PARAGRAPHS = st.lists(st.one_of(st.text(max_size=60), st.sampled_from(STORY)), max_size=12)


@pytest.fixture(scope="module")
def data():
    return json.loads(WEIGHTS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def model(data):
    return LineModel.from_dict(data, WORDS)


def of(matrix, name):
    return matrix[:, FEATURES.index(name)].tolist()


# ---------------------------------------------------------------- features


def test_a_document_has_a_row_for_each_paragraph_and_a_column_for_each_feature():
    matrix = features(STORY, CLASSES)
    assert matrix.shape == (len(STORY), len(FEATURES))
    assert matrix.dtype == np.float32
    assert np.isfinite(matrix).all()
    assert len(set(FEATURES)) == len(FEATURES)


def test_features_tell_place_shape_and_repetition():
    matrix = features(STORY, CLASSES)
    assert of(matrix, "index") == list(range(8))
    assert of(matrix, "from_end") == list(range(7, -1, -1))
    assert of(matrix, "words_before_colon") == [-1, -1, 1, -1, 2, -1, 1, -1]
    assert of(matrix, "stops") == [0, 1, 0, 1, 0, 1, 0, 0]
    assert of(matrix, "prose") == [0, 1, 0, 1, 0, 1, 0, 0]
    assert of(matrix, "after_prose") == [0, 0, 0, 0, 0, 1, 1, 1]
    assert of(matrix, "lead_caps")[4] == 2
    assert of(matrix, "words@+1") == [*of(matrix, "words")[1:], -1]
    assert of(matrix, "words@-2") == [-1, -1, *of(matrix, "words")[:-2]]


def test_features_are_bit_for_bit_those_that_the_weights_were_trained_on():
    """Who changes what a feature means also changes FORMAT, trains again, and writes the new digest here."""
    assert hashlib.sha256(features(STORY, CLASSES).tobytes()).hexdigest()[:16] == "08b0c37637bb8d2b"


def test_a_paragraph_that_is_printed_twice_knows_it():
    matrix = features(["Ida Berg at the pier", "The boat left at dawn.", "Ida Berg, at the pier."], CLASSES)
    assert of(matrix, "repeats_before") == [0, 0, 1]
    assert of(matrix, "repeats_after") == [1, 0, 0]
    assert of(matrix, "echo_best")[0] == 1.0
    assert of(matrix, "echo_best_gap")[0] == 2


def test_repetition_stays_inside_the_document():
    matrix, _ = batch_features([["Ida Berg sold tickets."], ["Ida Berg sold tickets."]], CLASSES)
    assert of(matrix, "repeats_before") == [0, 0]
    assert of(matrix, "echoed") == [0, 0]


@pytest.mark.parametrize(
    "paragraph", ["", " ", "\u200b", "***", "😀😀", "\ud800", "a" * 10_000, "( [ {", "١٢ مايو", "。", "-\t-"]
)
def test_any_paragraph_has_finite_features(paragraph):
    assert np.isfinite(features([paragraph], CLASSES)).all()
    assert np.isfinite(features([*STORY, paragraph, *STORY], CLASSES)).all()


def test_no_paragraphs_give_no_rows():
    assert features([], CLASSES).shape == (0, len(FEATURES))
    assert batch_features([], CLASSES)[1].tolist() == [0]
    assert batch_features([[], []], CLASSES)[1].tolist() == [0, 0, 0]


# ---------------------------------------------------------------- words


def weights_of(*paragraphs):
    """A text model whose score counts the buckets that a paragraph shares with these, over the root of its buckets."""
    weights = np.zeros(BUCKETS, dtype=np.int8)
    weights[buckets_of(batch_of([paragraphs]))[1]] = 1
    return TextModel(weights, 1.0, 0.0)


def test_a_score_is_the_sum_of_a_paragraphs_weights_over_the_root_of_their_number():
    batch = batch_of([["Photo: Ida Berg", "Photo: Ida Berg, Photo: Ida Berg", ""]])
    counts, buckets = buckets_of(batch)
    assert counts.sum() == len(buckets)
    assert counts.tolist()[::2] == [len(set(buckets[: counts[0]])), 0]
    scores, _ = weights_of("Photo: Ida Berg").scores(batch)
    assert scores[0] == pytest.approx(np.sqrt(counts[0]))
    assert 0 < scores[1] < scores[0]
    assert scores[2] == 0


def test_numbers_are_alike_to_the_text_model_and_so_is_case_but_for_the_shape():
    model = weights_of("Pier 12, page 3")
    same, lower, other = model.scores(batch_of([["Pier 98, page 7", "pier 12, page 3", "A boat left at dawn"]]))[0]
    assert other < lower < same
    assert same == pytest.approx(np.sqrt(buckets_of(batch_of([["Pier 12, page 3"]]))[0][0]))


def test_the_scores_of_paragraphs_around_are_features_inside_the_document_only():
    columns = text_features(np.arange(1.0, 5.0), np.ones(4, dtype=np.int64), np.array([0, 1, 1, 4]))
    assert columns[:, 0].tolist() == [1, 2, 3, 4]
    assert columns[0, 1:5].tolist() == [-9] * 4
    assert columns[2, 1:5].tolist() == [-9, 2, 4, -9]
    assert text_features(np.zeros(0), np.zeros(0, dtype=np.int64), np.array([0])).shape == (0, 15)


def test_what_stands_above_and_below_a_paragraph_is_weighed_by_size_and_stays_inside_the_document():
    columns = text_features(np.array([1.0, -3.0, 2.0, 9.0]), np.array([1, 3, 1, 1]), np.array([0, 3, 4]))
    above, below = columns[:, 5].tolist(), columns[:, 6].tolist()
    assert above == [-9, 1, -2, -9]
    assert below == [-1.75, 2, -9, -9]
    assert columns[:, 9].tolist() == [9, 1, -3, 9]  # the lowest above
    assert columns[:, 13].tolist() == [0, 0, 1, 0]  # paragraphs above that read as story


def test_a_text_model_survives_a_round_trip_and_needs_all_its_weights():
    model = weights_of(*STORY)
    again = TextModel.from_dict(json.loads(json.dumps(model.to_dict())))
    assert (again.weights == model.weights).all()
    assert (again.unit, again.constant) == (1.0, 0.0)
    with pytest.raises(ValueError, match="3 weights, not 131072"):
        TextModel.from_dict(model.to_dict() | {"weights": "AAAA"})


# ---------------------------------------------------------------- prediction


@given(documents=st.lists(PARAGRAPHS, max_size=6), cut=st.integers(0, 6))
@examples(20)
def test_any_batching_gives_the_same_bits(documents, cut):
    model = LineModel.from_dict(json.loads(WEIGHTS.read_text(encoding="utf-8")), WORDS)
    at_once = model.predict(documents)
    one_by_one = [model.predict([document])[0] for document in documents]
    in_two = model.predict(documents[:cut]) + model.predict(documents[cut:])
    backwards = model.predict(documents[::-1])[::-1]
    languages = ["en", None, "de", "en", "nl", None][: len(documents)]
    mixed = model.predict(documents, languages)
    apart = [model.predict([d], [language])[0] for d, language in zip(documents, languages, strict=True)]
    assert [p.tobytes() for p in mixed] == [p.tobytes() for p in apart]
    for other in (one_by_one, in_two, backwards):
        assert [p.tobytes() for p in other] == [p.tobytes() for p in at_once]
    assert [len(p) for p in at_once] == [len(document) for document in documents]


def test_batches_longer_than_a_block_of_rows_give_the_same_bits(model):
    documents = [STORY[n % 5 :] for n in range(60)]
    assert all((a == b).all() for a, b in zip(model.predict(documents), model.predict(documents[:5]) * 12, strict=True))


def test_furniture_is_likelier_noise_than_the_story(model):
    (probabilities,) = model.predict([STORY])
    story, furniture = probabilities[[1, 3, 5]], probabilities[[0, 2, 4, 6, 7]]
    assert story.max() < furniture.min()


def test_empty_and_one_paragraph_documents_have_probabilities(model):
    empty, one, blank = model.predict([[], ["The pier closed."], [""]])
    assert (len(empty), len(one), len(blank)) == (0, 1, 1)
    assert model.predict([]) == []


def test_a_document_is_judged_by_the_forest_of_its_language(model):
    english, german, unknown = model.predict([STORY] * 3, ["en-GB", "de", None])
    assert model.forest_for("en-GB") == "en"
    assert (english != german).any()
    assert (german == unknown).all()


def test_lines_around_decide_in_a_page_and_not_in_an_article(model):
    odds, menu = np.full(8, 0.5), np.zeros(8, dtype=np.int64)  # a strong rule on each line
    article, page = model.in_context([odds, odds], [[30] * 8, [2] * 8], [menu, menu])
    assert article == pytest.approx(odds)
    assert page[4:].min() > 0.6


def test_a_longer_paragraph_needs_better_odds():
    threshold = Threshold(odds=1.0, odds_per_word=0.1)
    assert threshold.probability(5) < threshold.probability(40) < 1


@pytest.mark.parametrize("odds, per_word", [(0.0, 0.1), (-1.0, 0.0), (1.0, -0.1)])
def test_a_threshold_that_makes_no_sense_is_refused(odds, per_word):
    with pytest.raises(ValueError, match="threshold"):
        Threshold(odds, per_word)


# ---------------------------------------------------------------- weights


def test_weights_survive_a_round_trip(data, model):
    again = LineModel.from_dict(json.loads(json.dumps(model.to_dict())), WORDS)
    assert again.predict([STORY])[0].tobytes() == model.predict([STORY])[0].tobytes()


def test_weights_say_where_they_come_from(data):
    assert {"script", "date", "labelled", "documents", "cross_validation"} <= data["provenance"].keys()
    assert WEIGHTS.stat().st_size < 700_000


@pytest.mark.parametrize(
    "change, message",
    [
        ({"format": 0}, "format 0"),
        ({"features": ["words"]}, "other features; differing: .*chars"),
        ({"features": [*COLUMNS[::-1]]}, "differing: their order"),
        ({"word_classes": "0"}, "word lists"),
    ],
)
def test_weights_made_for_other_features_are_refused(data, change, message):
    with pytest.raises(ValueError, match=message):
        LineModel.from_dict(data | change, WORDS)


# ---------------------------------------------------------------- training


@pytest.fixture(scope="module")
def trainer():
    pytest.importorskip("sklearn")
    path = ROOT / "benchmarks" / "train_line_model.py"
    spec = importlib.util.spec_from_file_location("train_line_model", path)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(path.parent))
        spec.loader.exec_module(module)
    return module


def test_exported_trees_predict_what_the_trained_ones_do(trainer):
    documents = [STORY[n % 4 :] + STORY[: n % 3] for n in range(40)]
    matrix, begins = batch_features(documents, CLASSES)
    matrix = np.hstack([matrix, text_features(*weights_of(*STORY[::2]).scores(batch_of(documents)), begins)])
    noise = matrix[:, FEATURES.index("stops")] == 0
    fitted = trainer.HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=12, random_state=0).fit(matrix, noise)
    assert np.allclose(trainer.export([fitted]).predict(matrix), fitted.predict_proba(matrix)[:, 1], atol=1e-3)


def test_runs_of_line_numbers_are_read(trainer):
    assert trainer.numbers("1 3-5 9") == [1, 3, 4, 5, 9]
    assert trainer.numbers("") == []


@pytest.mark.shared
def test_the_articles_read_by_line_are_the_ones_that_were_labelled(trainer, shared):
    read = trainer.load_read(shared)
    assert len(read.documents) == len(read.labels) == 1088  # of 1,272: the others share a line with a labelled one
    assert all(max(kinds, default=0) < len(lines) for lines, kinds in zip(read.documents, read.labels, strict=True))


@pytest.mark.shared
@pytest.mark.long
def test_the_pages_read_by_line_are_the_ones_that_were_labelled(trainer, shared):
    pages = trainer.load_pages(shared)
    assert len(pages.documents) == len(pages.labels) == len(pages.sites) == 186
    assert sum(kind == "noise" for kinds in pages.labels for kind in kinds.values()) > 650
    near = trainer.away_from(["", pages.sites[0]], pages)
    assert 0 < (~near).sum() < 10
    assert len(trainer.some_of(pages, near).documents) == near.sum()


def test_documents_of_one_site_or_with_a_common_long_line_are_in_one_fold(trainer):
    shared_line = "Twelve words and more that two documents have in common, so that neither is unseen by the other."
    documents = [[f"Line {n}"] for n in range(40)]
    documents[3], documents[30], sites = [shared_line], [shared_line, "Share"], [""] * 40
    sites[30] = sites[7] = "courier.example"
    for seed in range(5):
        fold = trainer.family_folds(documents, 6, seed, sites)
        assert fold[3] == fold[30] == fold[7]
        assert len(set(fold.tolist())) == 6


def test_pages_with_a_line_of_a_held_document_are_not_learned_from(trainer):
    line = "Twelve words and more that a page and a held document have in common, says the harbour office."
    pages = trainer.Examples([["Share"], [line], ["Menu"]], [{}] * 3, ["a.example", "b.example", "c.example"])
    assert trainer.away_from(["c.example"], pages, trainer.long_lines([line])).tolist() == [True, False, False]


def test_folds_are_equal_in_size_and_drawn_by_seed(trainer):
    assert np.bincount(trainer.folds(100, 10, 0)).tolist() == [10] * 10
    assert trainer.folds(100, 10, 0).tolist() != trainer.folds(100, 10, 1).tolist()


def score_unseen(trainer, shared, read, fold):
    """What the line model alone is worth on labelled articles, those of fold -1 left out."""
    data = trainer.load(shared / "gold", [trainer.ARTICLES])
    fold = fold(len(data.documents))
    probabilities = trainer.out_of_fold(data, read, trainer.Examples([], [], []), fold, members=1)
    cut = trainer.cut_by(Threshold(1.5, 0.2), probabilities, data.words)
    return trainer.score(data, cut, fold[data.document] >= 0)


@pytest.mark.shared
def test_unseen_articles_are_cut_no_worse_than_the_floor_by_a_model_of_fewer(trainer, shared):
    read = trainer.load_read(shared)
    few = trainer.Examples(read.documents[:300], read.labels[:300])
    score = score_unseen(trainer, shared, few, lambda n: np.where(trainer.folds(n, 3, 0) == 0, 0, -1))
    assert score.f1 >= 0.70
    assert score.body_lost <= 0.005


@pytest.mark.shared
@pytest.mark.long
def test_unseen_articles_are_cut_no_worse_than_the_floor(trainer, shared):
    score = score_unseen(trainer, shared, trainer.load_read(shared), lambda n: trainer.folds(n, 3, 0))
    assert score.f1 >= 0.78
    assert score.body_lost <= 0.004
