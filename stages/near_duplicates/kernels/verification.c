/* Verification of candidate pairs: paragraphs aligned word by word, and scored. */
#include <stdlib.h>

#include "alignment.h"
#include "word_table.h"

/* The result where pairs, paragraphs and sentences do not fit together. */
#define NO_FIT (-1)
/* Words of a paragraph, beyond which the cells of two cannot be counted. */
#define MOST_WORDS (1 << 24)

/* Words of some paragraphs, and their sentences, by the word that each begins with. `first` and `sentence_first` are
   the first of each paragraph, and behind the last one the number of all. */
typedef struct {
    const int64_t *words, *first, *sentences, *sentence_first;
    const uint16_t *marks;
    const uint8_t *quotes;
    int64_t word_count, paragraphs, sentence_count, longest;
} Texts;

/* The matches that were found. */
typedef struct {
    Match *rows;
    int64_t count, room;
} Matches;

/* Have the processor fetch what a later pair needs: the first words of paragraph b, and its sentences. */
INLINE void fetch_ahead(const Texts *texts, const int64_t *pairs, int64_t count) {
    const int64_t soon = count > 2 ? pairs[2] & UINT32_MAX : 0, later = count > 4 ? pairs[4] & UINT32_MAX : 0;
    if (soon >= texts->paragraphs || later >= texts->paragraphs)
        return;
    for (int line = 0; line < 4; line++) /* the processor guesses those after them */
        __builtin_prefetch(texts->words + texts->first[soon] + 8 * line);
    __builtin_prefetch(texts->sentences + texts->sentence_first[soon]);
    __builtin_prefetch(texts->first + later);
    __builtin_prefetch(texts->sentence_first + later);
}

/* Find a paragraph without its sentences; return false if it does not lie among the words. */
static bool find_paragraph(const Texts *texts, int64_t number, Paragraph *p) {
    if (number < 0 || number >= texts->paragraphs)
        return false;
    const int64_t first = texts->first[number], end = texts->first[number + 1];
    if (first < 0 || end < first || end > texts->word_count || end - first > texts->longest)
        return false;
    *p = (Paragraph){
        .words = texts->words + first, .marks = texts->marks + first, .count = end - first, .first = first,
        .quotes = texts->quotes[number] != 0};
    return true;
}

/* Find the sentences of a paragraph; return false if there are none, or one begins elsewhere. */
static bool find_sentences(const Texts *texts, int64_t number, Paragraph *p) {
    const int64_t begin = texts->sentence_first[number], end = texts->sentence_first[number + 1];
    int64_t before = p->first - 1;
    if (begin < 0 || end <= begin || end > texts->sentence_count)
        return false;
    for (int64_t at = begin; at < end; at++) {
        if (texts->sentences[at] <= before || texts->sentences[at] >= p->first + p->count)
            return false;
        before = texts->sentences[at];
    }
    p->sentences = texts->sentences + begin;
    p->sentence_count = end - begin;
    p->before = begin;
    return true;
}

/* Return true if two paragraphs are the same but for capitals. */
static bool equal(const Paragraph *a, const Paragraph *b) {
    if (a->count != b->count)
        return false;
    for (int64_t i = 0; i < a->count; i++)
        if (!alike(a->words[i], b->words[i]))
            return false;
    return true;
}

/* Count the words of content in two equal spans, twice; `in_b` is the first word of the other. */
static int64_t content_in(const Paragraph *a, const Paragraph *b, Span in_a, int64_t in_b) {
    int64_t halves = 0;
    for (int64_t i = in_a.begin, j = in_b; i < in_a.end; i++, j++)
        halves += is_content(a->words[i] & b->words[j]) ? halves_of(a->words[i]) : 0;
    return halves;
}

/* Make the one passage of two equal spans, every word with itself; return a strength that is enough, or 0. */
static double pair_equal(
    const Paragraph *a, const Paragraph *b, Span in_a, Span in_b, const Scoring *scoring, Room *room) {
    if (halves_in(a, in_a) < 2 * scoring->costs.minimum_words
        || content_in(a, b, in_a, in_b.begin) < 2 * scoring->costs.minimum_content)
        return 0.0;
    clear_passages(a, b, room);
    room->passages[0] = (Passage){.a = in_a, .b = in_b};
    room->aligned = in_a;
    for (int64_t i = in_a.begin, j = in_b.begin; i < in_a.end; i++, j++) {
        room->a[i].partner = (int32_t)j;
        room->passage_a[i] = room->passage_b[j] = 0;
    }
    return scoring->bonuses.match_strength;
}

/* Return true if two spans are equal, word for word. */
static bool equal_spans(const Paragraph *a, const Paragraph *b, Span in_a, Span in_b) {
    int64_t same = 0;
    while (length_of(in_b) == length_of(in_a) && same < length_of(in_a)
           && alike(a->words[in_a.begin + same], b->words[in_b.begin + same]))
        same++;
    return same == length_of(in_a);
}

/* Return the next quotation from a word on, an empty span at the end if there is none. */
static Span next_quotation(const Paragraph *p, int64_t at) {
    while (at < p->count && !(p->words[at] & QUOTED))
        at++;
    Span found = {at, at};
    while (found.end < p->count && p->words[found.end] & QUOTED)
        found.end++;
    return found;
}

/* Pair a span of a with the sentence of b that is equal to it, if there is one; return a strength as `pair_equal`. */
static double pair_with_sentence(
    const Paragraph *a, const Paragraph *b, Span in_a, const Scoring *scoring, Room *room) {
    for (int64_t v = 0; v < b->sentence_count; v++) {
        const Span in_b = {sentence_begin(b, v), sentence_end(b, v)};
        if (equal_spans(a, b, in_a, in_b))
            return pair_equal(a, b, in_a, in_b, scoring, room);
    }
    return 0.0;
}

/* The same for a quotation of a and those of b. */
static double pair_with_quotation(
    const Paragraph *a, const Paragraph *b, Span in_a, const Scoring *scoring, Room *room) {
    for (Span in_b = next_quotation(b, 0); length_of(in_b) > 0; in_b = next_quotation(b, in_b.end))
        if (equal_spans(a, b, in_a, in_b))
            return pair_equal(a, b, in_a, in_b, scoring, room);
    return 0.0;
}

/*
 * Make the one passage of a whole sentence or quotation that both paragraphs have; return a strength that is enough, or 0.
 *
 * Names, and words of formulas, score too little for a passage, but not by chance do two outlets print all of a sentence.
 */
static double pair_whole(const Paragraph *a, const Paragraph *b, const Scoring *scoring, Room *room) {
    double strength = 0.0;
    for (int64_t u = 0; u < a->sentence_count && strength <= 0.0; u++)
        strength = pair_with_sentence(a, b, (Span){sentence_begin(a, u), sentence_end(a, u)}, scoring, room);
    if (!a->quotes || !b->quotes)
        return strength;
    for (Span in_a = next_quotation(a, 0); length_of(in_a) > 0 && strength <= 0.0; in_a = next_quotation(a, in_a.end))
        strength = pair_with_quotation(a, b, in_a, scoring, room);
    return strength;
}

/* How two paragraphs may match: equal; by an alignment; and by a sentence or quotation that both have. */
typedef struct {
    bool same, aligned, whole;
} Ways;

/* Find the passages of two paragraphs that are not equal; return their number and the strength of the match. */
static int compare(
    const Paragraph *a, const Paragraph *b, Ways ways, const Scoring *scoring, Room *room, double *strength) {
    int found = 0;
    *strength = 0.0;
    if (ways.aligned && link_and_bound(b, &scoring->weights, room) >= least_score(a, b, scoring))
        found = align_all(a, b, scoring, room);
    if (found > 0)
        *strength = strength_of(a, b, found, scoring, room);
    if (*strength >= scoring->bonuses.match_strength || !ways.whole)
        return found;
    const double whole = pair_whole(a, b, scoring, room);
    *strength = whole > 0.0 ? whole : *strength;
    return 1;
}

/* Make room for so many more matches; return false if there is no memory. */
static bool reserve(Matches *matches, int64_t more) {
    if (matches->count + more <= matches->room)
        return true;
    const int64_t room = 2 * matches->room + more;
    Match *rows = realloc(matches->rows, (size_t)room * sizeof *rows);
    if (rows == NULL)
        return false;
    matches->rows = rows;
    matches->room = room;
    return true;
}

/* Free what `make_room` made, all of it or a part. */
static void free_room(Room *room) {
    Side *const sides[] = {&room->canonical, &room->later};
    for (int n = 0; n < 2; n++) {
        free(sides[n]->keys);
        free(sides[n]->kinds);
        free(sides[n]->moved);
        free(sides[n]->mates);
    }
    free(room->slots);
    free(room->a);
    free(room->b);
    free(room->hits);
    free(room->cells);
    free(room->rows);
    free(room->starts);
    free(room->passage_a);
    free(room->passage_b);
    free(room->sentences);
    free(room->counts);
    free(room->common);
}

static bool make_side(Side *side, size_t words) {
    side->keys = malloc(words * sizeof *side->keys);
    side->kinds = malloc(words * sizeof *side->kinds);
    side->moved = malloc(words * sizeof *side->moved);
    side->mates = malloc(words * sizeof *side->mates);
    return side->keys && side->kinds && side->moved && side->mates;
}

/*
 * Make room for two paragraphs of at most `longest` words; return false if there is no memory.
 *
 * Of the cells, most of which are never written, the system gives only the memory that is.
 */
static bool make_room(Room *room, int64_t longest) {
    const size_t words = (size_t)longest + 1;
    if (longest > MOST_WORDS)
        return false;
    room->slots = calloc((size_t)mask_for(longest) + 1, sizeof *room->slots);
    room->a = malloc(words * sizeof *room->a);
    room->b = malloc(words * sizeof *room->b);
    room->hits = malloc(words * sizeof *room->hits);
    room->cells = malloc(words * words * sizeof *room->cells);
    room->rows = malloc(words * sizeof *room->rows);
    room->starts = malloc(words * sizeof *room->starts);
    room->passage_a = malloc(words);
    room->passage_b = malloc(words);
    room->sentences = malloc(words * sizeof *room->sentences);
    room->counts = malloc(words * sizeof *room->counts);
    room->common = malloc(words * words * sizeof *room->common);
    return make_side(&room->canonical, words) && make_side(&room->later, words) && room->slots && room->a && room->b
           && room->hits && room->cells && room->rows && room->starts && room->passage_a && room->passage_b && room->sentences && room->counts
           && room->common;
}

/* Languages of paragraphs that were asked for lately, by the last bits of their numbers: a paragraph that is copied once
   is copied often. */
#define LANGUAGES 1024
typedef struct {
    int64_t paragraph, spoken;
} Language;

/* What a call works with, and what it found so far. */
typedef struct {
    const Texts *texts;
    const Scoring *scoring;
    const FactWords *listed;
    Room room;
    Matches matches;
    Paragraph a;    /* of the present pair */
    int64_t number; /* of paragraph a */
    bool sketched;  /* its words are in the sketch */
    bool noted;     /* its words are in the table */
    Language languages[LANGUAGES];
} Verification;

/* Turn to the pairs of another paragraph a; return 0, or NO_FIT. */
static int64_t begin_paragraph(Verification *v, int64_t number) {
    if (!find_paragraph(v->texts, number, &v->a))
        return NO_FIT;
    v->number = number;
    v->sketched = v->noted = false;
    return 0;
}

/*
 * Tell how two paragraphs that share some pairs of neighbouring words may match: an alignment must be able to score
 * enough, and a sentence that both have must be long enough for a copy.
 */
static Ways ways_of(Verification *v, const Paragraph *b, int64_t shared) {
    const Scoring *scoring = v->scoring;
    Ways ways = {.same = v->a.count >= scoring->costs.fewest_aligned && equal(&v->a, b)};
    if (ways.same || shared < scoring->costs.fewest_word_pairs)
        return ways;
    if (!v->sketched)
        sketch_words(&v->a, &v->room.sketch);
    v->sketched = true;
    ways.whole = shared + 1 >= scoring->costs.minimum_words;
    ways.aligned =
        ways.whole || sketch_bound(b, &v->room.sketch, &scoring->weights) >= least_score(&v->a, b, scoring);
    return ways;
}

/* Align two paragraphs that may match; return the number of their passages, and the strength of the match. */
static int align_pair(Verification *v, const Paragraph *b, Ways ways, double *strength) {
    if (ways.same) {
        const Span whole = {0, v->a.count};
        *strength = pair_equal(&v->a, b, whole, whole, v->scoring, &v->room);
        return 1;
    }
    if (!v->noted)
        note_words(&v->a, &v->scoring->weights, &v->room);
    v->noted = true;
    return compare(&v->a, b, ways, v->scoring, &v->room, strength);
}

/* Return the language that a paragraph is written in. */
static int64_t spoken_in(Verification *v, int64_t number, const Paragraph *p) {
    Language *known = &v->languages[number & (LANGUAGES - 1)];
    if (known->paragraph != number)
        *known = (Language){number, language_of(p, v->listed)};
    return known->spoken;
}

/* Verify one pair and add its matches; return 0, NO_FIT or NO_MEMORY. */
static int64_t verify_pair(Verification *v, int64_t at, int64_t pair, int64_t shared) {
    const int64_t earlier = pair >> 32, later = pair & UINT32_MAX;
    Paragraph b;
    if (earlier != v->number && begin_paragraph(v, earlier) != 0)
        return NO_FIT;
    if (!find_paragraph(v->texts, later, &b))
        return NO_FIT;
    const Ways ways = ways_of(v, &b, shared);
    double strength = 0.0;
    if (!ways.same && !ways.aligned)
        return 0;
    if (!find_sentences(v->texts, earlier, &v->a) || !find_sentences(v->texts, later, &b))
        return NO_FIT;
    const int found = align_pair(v, &b, ways, &strength);
    if (strength < v->scoring->bonuses.match_strength)
        return 0;
    if (!reserve(&v->matches, v->a.count))
        return NO_MEMORY;
    Match *added = v->matches.rows + v->matches.count;
    const int64_t spoken = spoken_in(v, later, &b), least = v->scoring->costs.fewest_aligned;
    const int64_t count = add_matches(added, found, &v->a, &b, spoken, v->listed, least, &v->room);
    for (int64_t row = 0; row < count; row++)
        added[row].pair = at;
    v->matches.count += count;
    return 0;
}

/*
 * Align pairs of paragraphs (of at most `longest` words) and keep the verified matches. `shared` says how many pairs of
 * neighbouring words each may have in common (screening.c).
 *
 * Returns the number of matches, and leaves them in `rows`, which the caller frees; or NO_FIT.
 */
EXPORT int64_t verification_verify(
    const int64_t *pairs, int64_t count, const int64_t *shared, const int64_t *words, int64_t word_count,
    const int64_t *first, int64_t paragraphs, const int64_t *sentences, int64_t sentence_count,
    const int64_t *sentence_first, const uint16_t *marks, const uint8_t *quotes, int64_t longest, const int32_t *match,
    const int32_t *most, const Costs *costs, const Bonuses *bonuses, const int64_t *keys,
    const int32_t (*languages)[4], const int64_t *alias, const int32_t *alias_languages, int64_t slots, Match **rows) {
    const Texts texts = {words, first, sentences, sentence_first, marks, quotes, word_count, paragraphs, sentence_count,
                         longest};
    const Scoring scoring = {*costs, *bonuses, weights_by_flags(match, most, costs)};
    const FactWords listed = {keys, languages, alias, alias_languages, slots - 1};
    Verification v = {.texts = &texts, .scoring = &scoring, .listed = &listed, .number = -1};
    int64_t failed = make_room(&v.room, longest) ? 0 : NO_MEMORY;
    for (int n = 0; n < LANGUAGES; n++)
        v.languages[n].paragraph = -1;
    for (int64_t at = 0; at < count && !failed; at++) {
        fetch_ahead(&texts, pairs + at, count - at);
        failed = verify_pair(&v, at, pairs[at], shared[at]);
    }
    free_room(&v.room);
    if (!failed)
        *rows = v.matches.rows;
    else
        free(v.matches.rows);
    return failed ? failed : v.matches.count;
}
