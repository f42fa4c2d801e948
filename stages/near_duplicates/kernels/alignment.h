/* What the steps of verification hand to each other: two paragraphs, and the room that they are aligned in. */
#ifndef ALIGNMENT_H
#define ALIGNMENT_H

#include "content.h"
#include "hashing.h"
#include "match_columns.h"
#include "screening.h"
#include "spans.h"

/* Words without any of these flags have a stem. */
#define PLAIN (NUMBER | NEGATION | FUNCTION | SINGLE)
/* Masks the stem in a word. */
#define STEM (-((int64_t)1 << STEM_SHIFT))
/* Passages of two paragraphs; chosen by hand, not tuned. */
#define MOST_PASSAGES 4
/* In the place of slots: of a word of b that a lacks; of a word of a that is in a passage already. */
#define NOWHERE (-1)
#define USED (-2)
/* A word behind all words. */
#define BEYOND INT32_MAX

/* Settings of verification (`scoring.py`): scores in hundredths and numbers of words; scores that may be fractions. */
typedef struct {
    int64_t swap, gap, function_gap, contradiction;
    /* from which the best passage, one that is a quotation of both, and a further one, are looked at */
    int64_t best_floor, quotation_floor, further_floor;
    int64_t minimum_words, minimum_content, nearby_words, fewest_aligned, fewest_word_pairs;
} Costs;

typedef struct {
    double match_strength, whole_sentence_bonus, further_share, border_bonus, mark_bonus;
} Bonuses;

/* Scores of words by their flags. `gain` is the most that one adds to an alignment: if the other text lacks it, has one
   of its stem, has it, has both. `tear` is the least that an alignment loses between two words that are neighbours in one text
   only. */
typedef struct {
    int32_t match[FLAGS + 1], gap[FLAGS + 1], gain[4][FLAGS + 1];
    int32_t swap, tear;
} Weights;

typedef struct {
    Costs costs;
    Bonuses bonuses;
    Weights weights;
} Scoring;

/* Listed words (`fact_words.py`): an open-addressing table, and for each word the languages, a bit each, in which it
   is light, a verb of saying, a replacing word, a negation; what to compare in its place, and in which languages. */
typedef struct {
    const int64_t *keys; /* 0: free */
    const int32_t (*languages)[4];
    const int64_t *alias;
    const int32_t *alias_languages;
    int64_t mask; /* slots less one */
} FactWords;

/* A paragraph: its words, and the words that its sentences begin with, counted from `first` on. */
typedef struct {
    const int64_t *words;
    const uint16_t *marks; /* of each word with the one before it (screening.c) */
    int64_t count;
    bool quotes; /* it has a word in quotation marks */
    const int64_t *sentences;
    int64_t sentence_count;
    int64_t first;
    int64_t before; /* sentences of all texts before its own */
} Paragraph;

/* A slot of the table of the words and stems of paragraph a. */
typedef struct {
    int64_t key;
    int32_t stamp; /* whose it is: the table is never cleared */
    int32_t stem;  /* slot of a word's stem */
    int32_t pair;  /* for which `first` holds: the first of the words of b that are linked by the slot */
    int32_t first;
} Slot;

typedef struct {
    int32_t all_slot, all_stem; /* slots of the word and of its stem, USED if it has none */
    int32_t slot, stem;         /* the same as long as the word is in no passage */
    int32_t first;              /* of the words of b that it may be aligned with */
    int32_t after;              /* what the words after it can add to an alignment that has come so far */
    int32_t gap;                /* cost of leaving it out */
    int32_t partner;            /* the word of b that it is aligned with, or -1 */
} WordOfA;

typedef struct {
    int32_t slot, stem; /* of the same word, of a's words with its stem; NOWHERE if a lacks it or it is in a passage */
    int32_t next;       /* of the words of b that may be aligned with the same word of a */
    int32_t after, gap; /* as in a */
    int32_t hit;        /* 2 if a has the word, 1 if a has its stem */
} WordOfB;

/* A cell of the Smith–Waterman matrix that is kept: the word of b, and the score. */
typedef struct {
    int32_t word, score;
} Cell;

/* A passage: its score, and its words in both paragraphs. */
typedef struct {
    int64_t score;
    Span a, b;
} Passage;

/* Bits for a paragraph's words and its stems, and for the marks of its pairs of neighbours. */
#define SKETCH_BITS 8192
typedef struct {
    uint64_t words[SKETCH_BITS / 64], stems[SKETCH_BITS / 64], neighbours[MARKS / 64];
} Sketch;

/* The words of a whole sentence, or of several, as they are compared. */
typedef struct {
    int64_t *keys;
    int8_t *kinds;
    int8_t *moved;  /* 1 where the mate stands in another order */
    int32_t *mates; /* the word on the other side, or -1 */
} Side;

/* Room for one pair of paragraphs at a time, of at most `longest` words each. */
typedef struct {
    Sketch sketch; /* of paragraph a */
    Slot *slots;
    WordOfA *a;
    WordOfB *b;
    int32_t *hits; /* words of b that a has, or may have */
    Cell *cells;
    int64_t *rows; /* first cell of each word of a */
    int32_t *starts; /* words of a that may be aligned with one of b, up to the end; and where they begin */
    int64_t first_start;
    Passage passages[MOST_PASSAGES];
    Span aligned;      /* words of a from the first that is in a passage to the last */
    int8_t *passage_a; /* of each word, or -1 */
    int8_t *passage_b;
    Side canonical, later;
    int32_t *sentences; /* of each word of the canonical text */
    int32_t *counts;    /* words of each canonical sentence that are aligned with the later sentence */
    int32_t *common;    /* cells of the two sentences: the weight of the words that both have up to there */
    int64_t mask;       /* of the part of the table that is in use */
    int32_t stamp;      /* of paragraph a in the table */
    int32_t pair;       /* of the two paragraphs in the table */
} Room;

/* A match of two sentences. `match_columns.py` has the same columns. */
typedef struct {
    int64_t pair, sentence_a, sentence_b;
    Span a, b;
    int64_t differs, aligned;
} Match;

INLINE int32_t larger_score(int32_t one, int32_t other) { return one > other ? one : other; }
INLINE int32_t smaller_score(int32_t one, int32_t other) { return one < other ? one : other; }

/* Return true if two words are the same but for the flags of their places. */
INLINE bool alike(int64_t one, int64_t other) { return ((one ^ other) & ANYWHERE) == 0; }

/* Return the word, counted in its paragraph, that a sentence begins with. */
INLINE int64_t sentence_begin(const Paragraph *p, int64_t sentence) { return p->sentences[sentence] - p->first; }

/* Return the word after the last of a sentence. */
INLINE int64_t sentence_end(const Paragraph *p, int64_t sentence) {
    return sentence + 1 < p->sentence_count ? sentence_begin(p, sentence + 1) : p->count;
}

/* Return the sentence that holds a word. */
INLINE int64_t sentence_at(const Paragraph *p, int64_t word) {
    int64_t at = 0;
    while (at + 1 < p->sentence_count && sentence_begin(p, at + 1) <= word)
        at++;
    return at;
}

/* bounds.c */
Weights weights_by_flags(const int32_t *match, const int32_t *most, const Costs *costs);
void sketch_words(const Paragraph *a, Sketch *sketch);
int32_t sketch_bound(const Paragraph *b, const Sketch *sketch, const Weights *weights);
int32_t link_and_bound(const Paragraph *b, const Weights *weights, Room *room);
int32_t link_back(const Paragraph *a, const Weights *weights, Room *room);
int32_t remaining_bound_a(const Paragraph *a, const Weights *weights, Room *room);
int32_t remaining_bound_b(const Paragraph *b, const Weights *weights, Room *room);
int32_t gapless_score(const Paragraph *a, const Paragraph *b, const Weights *weights, const Room *room);

/* smith_waterman.c */
void clear_passages(const Paragraph *a, const Paragraph *b, Room *room);
int align_all(const Paragraph *a, const Paragraph *b, const Scoring *scoring, Room *room);

/* differences.c */
bool numbers_apart(
    const Paragraph *a, const Paragraph *b, Span of_a, Span of_b, int64_t spoken, const FactWords *listed);
int64_t contradictions(const Paragraph *a, const Paragraph *b, Span of_a, Span of_b, const Room *room);
bool names_apart(const Paragraph *a, const Paragraph *b, Span of_a, const Room *room);
bool other_figures(const Paragraph *a, const Paragraph *b, int64_t i, int64_t j);

/* strength.c */
int64_t halves_in(const Paragraph *p, Span span);
bool suffices(const Paragraph *a, const Paragraph *b, int passages, const Scoring *scoring, const Room *room);
int64_t least_score(const Paragraph *a, const Paragraph *b, const Scoring *scoring);
bool is_quotation(const Paragraph *a, const Paragraph *b, const Passage *passage);
double strength_of(const Paragraph *a, const Paragraph *b, int found, const Scoring *scoring, Room *room);

/* facts.c */
int64_t compared_key(int64_t word, int64_t spoken, const FactWords *listed);
int64_t language_of(const Paragraph *p, const FactWords *listed);
int64_t facts_apart(
    const Paragraph *a, const Paragraph *b, const Match *match, int64_t spoken, const FactWords *listed, Room *room);

/* matches.c */
int64_t add_matches(
    Match *matches, int found, const Paragraph *a, const Paragraph *b, int64_t spoken, const FactWords *listed,
    int64_t fewest_aligned, Room *room);

#endif
