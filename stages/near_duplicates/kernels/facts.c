/*
 * Whole sentences compared for their facts: before a copy is dropped, every word is accounted for.
 *
 * A later sentence says nothing new if each of its words of content stands in the canonical sentences that it is a copy
 * of, once for once, and none have changed places as in "the dog bit the man". That needs no list of antonyms, weekdays
 * or names, and holds in every language: whatever word replaces another is a possible fact. Lists only say which words
 * are *no* content (`fact_words.py`).
 */

#include <string.h>

#include "alignment.h"
#include "fact_words.h"

/* Further kinds of words, besides those that are listed. */
enum { CONTENT = DENYING + 1, FIGURE };
/* From so many canonical words on that are aligned with the later sentence, theirs is part of its source. */
enum { FEWEST_ALIGNED = 4 };
/* A negation that only the canonical text has counts where no more words than these are lacking around it: a clause
   that was left out may hold one. */
enum { LEFT_OUT = 4 };
/* Words of a run that takes the place of another, word for word. */
enum { SMALL = 3 };
/* Words that change places do so within so many words (or two characters each); whole clauses in another order are
   farther apart. */
enum { EXCHANGED = 16 };
/* Languages that have a bit in the table of listed words. */
enum { MOST_LANGUAGES = 32 };

/* A later sentence and its canonical ones: the room where their words are noted, and the number of these. */
typedef struct {
    Side *later, *canonical;
    const int32_t *sentences; /* of each canonical word */
    int64_t n, m;             /* later words, canonical words */
} Sentences;

/* Return the slot of a word in the table of listed words, or -1. */
static int64_t listed_slot(int64_t key, const FactWords *listed) {
    int64_t slot = (key >> 6 ^ key >> STEM_SHIFT) & listed->mask;
    while (listed->keys[slot] != 0) {
        if (listed->keys[slot] == key)
            return slot;
        slot = (slot + 1) & listed->mask;
    }
    return -1;
}

/* Return the word as it is compared: without flags; of a script without spaces, one character alone. */
static int64_t key_of(int64_t word) { return word & SINGLE ? (word & STEM) | CHARACTER_TAG : word & ~(int64_t)FLAGS; }

/* Return the language, as a bit, in which most of the words are listed (all of them if several are). */
int64_t language_of(const Paragraph *p, const FactWords *listed) {
    int32_t votes[MOST_LANGUAGES] = {0};
    for (int64_t i = 0; i < p->count; i++) {
        const int64_t slot = listed_slot(key_of(p->words[i]), listed);
        if (slot < 0)
            continue;
        const int32_t *languages = listed->languages[slot];
        uint32_t spoken = (uint32_t)(languages[LIGHT] | languages[SAYING] | languages[DENYING]);
        for (int language = 0; spoken != 0; spoken >>= 1, language++)
            votes[language] += spoken & 1;
    }
    int32_t most = 1;
    int64_t chosen = 0;
    for (int language = 0; language < MOST_LANGUAGES; language++) {
        if (votes[language] > most) {
            most = votes[language];
            chosen = 0;
        }
        if (votes[language] == most)
            chosen |= (int64_t)1 << language;
    }
    return chosen;
}

/* Return the kind of a word in the language that is spoken. */
static int8_t kind_of(int64_t word, int64_t slot, int64_t spoken, const FactWords *listed) {
    static const int8_t kinds[] = {DENYING, SAYING, REPLACING, LIGHT};
    if (word & NUMBER)
        return FIGURE;
    if (word & SINGLE) {
        const int64_t pair = listed_slot(word & ~(int64_t)FLAGS, listed);
        if (pair >= 0 && listed->languages[pair][DENYING] & spoken)
            return DENYING;
    }
    for (int k = 0; slot >= 0 && k < 4; k++)
        if (listed->languages[slot][kinds[k]] & spoken)
            return kinds[k];
    return CONTENT;
}

/* Return the key of what a word stands for in the language that is spoken: "nine" in it is the figure 9. */
static int64_t meant(int64_t key, int64_t slot, int64_t spoken, const FactWords *listed) {
    return slot >= 0 && listed->alias_languages[slot] & spoken ? listed->alias[slot] : key;
}

/* Return the key by which a word is compared in the language that is spoken. */
int64_t compared_key(int64_t word, int64_t spoken, const FactWords *listed) {
    const int64_t key = key_of(word);
    return meant(key, listed_slot(key, listed), spoken, listed);
}

/* Note a word's kind, and the key by which it is compared. */
static void note(int64_t word, Side *side, int64_t at, int64_t spoken, const FactWords *listed) {
    const int64_t key = key_of(word), slot = listed_slot(key, listed);
    side->kinds[at] = kind_of(word, slot, spoken, listed);
    side->keys[at] = meant(key, slot, spoken, listed);
    side->mates[at] = -1;
    side->moved[at] = 0;
}

/* Return the sentence of word i, if that of the word before it is known. */
static int64_t next_sentence(const Paragraph *p, int64_t sentence, int64_t i) {
    return sentence + (sentence + 1 < p->sentence_count && sentence_begin(p, sentence + 1) <= i);
}

static bool is_within(int64_t word, Span span) { return span.begin <= word && word < span.end; }

/* Note the words of sentence u, and of all that are aligned with the later one; return how many they are. */
static int64_t note_sources(
    const Paragraph *a, int64_t u, Span later, int64_t spoken, const FactWords *listed, Room *room) {
    int64_t sentence = sentence_at(a, room->aligned.begin), m = 0;
    memset(room->counts, 0, (size_t)a->sentence_count * sizeof *room->counts);
    for (int64_t i = room->aligned.begin; i < room->aligned.end; i++) {
        sentence = next_sentence(a, sentence, i);
        room->counts[sentence] += is_within(room->a[i].partner, later);
    }
    for (sentence = 0; sentence < a->sentence_count; sentence++) {
        if (sentence != u && room->counts[sentence] < FEWEST_ALIGNED)
            continue;
        for (int64_t i = sentence_begin(a, sentence); i < sentence_end(a, sentence); i++) {
            note(a->words[i], &room->canonical, m, spoken, listed);
            room->sentences[m++] = (int32_t)sentence;
        }
    }
    return m;
}

/* Note that a later word and a canonical one are a pair. */
static void pair(Sentences *s, int64_t j, int64_t i) {
    s->later->mates[j] = (int32_t)i;
    s->canonical->mates[i] = (int32_t)j;
}

/* Weigh a pair of equal words: content leads, function words follow. */
static int32_t worth(int8_t kind) { return kind >= DENYING ? 4 : 1; }

/* Note the pairs, from the last cell of n later and m canonical words back. */
static void mate(Sentences *s, int64_t n, int64_t m, const int32_t *cells) {
    int64_t j = n - 1, i = m - 1;
    while (i >= 0 && j >= 0) {
        const int32_t before = i > 0 && j > 0 ? cells[(j - 1) * m + i - 1] : 0;
        const bool equal = s->later->keys[j] == s->canonical->keys[i];
        if (equal && cells[j * m + i] == before + worth(s->later->kinds[j]))
            pair(s, j--, i--);
        else if (j > 0 && cells[(j - 1) * m + i] == cells[j * m + i])
            j--;
        else
            i--;
    }
}

/*
 * Pair equal words of both sides in the same order: as many of content as there can be.
 *
 * Those that both end with are pairs in any case: that spares copied sentences the table of cells.
 */
static void pair_in_order(Sentences *s, int32_t *cells) {
    int64_t n = s->n, m = s->m;
    while (n > 0 && m > 0 && s->later->keys[n - 1] == s->canonical->keys[m - 1])
        pair(s, --n, --m);
    for (int64_t j = 0; j < n; j++) {
        const int64_t key = s->later->keys[j];
        const int32_t weight = worth(s->later->kinds[j]);
        const int32_t *above = j > 0 ? &cells[(j - 1) * m] : NULL;
        int32_t best = 0, diagonal = 0;
        for (int64_t i = 0; i < m; i++) {
            const int32_t over = above ? above[i] : 0;
            best = larger_score(best, over);
            if (key == s->canonical->keys[i])
                best = larger_score(best, diagonal + weight);
            cells[j * m + i] = best;
            diagonal = over;
        }
    }
    mate(s, n, m, cells);
}

/* Pair a later word that is left with an equal one in another place; return true if there is one. */
static bool pair_elsewhere(Sentences *s, int64_t j) {
    for (int64_t i = 0; i < s->m; i++) {
        if (s->canonical->mates[i] < 0 && s->later->keys[j] == s->canonical->keys[i]) {
            pair(s, j, i);
            s->later->moved[j] = s->canonical->moved[i] = 1;
            return true;
        }
    }
    return false;
}

/* Pair the words that are left with equal ones in another place; return how many are. */
static int64_t pair_moved(Sentences *s) {
    int64_t found = 0;
    for (int64_t j = 0; j < s->n; j++)
        found += s->later->mates[j] < 0 && pair_elsewhere(s, j);
    return found;
}

/*
 * Return the canonical words that stand where a run of later words stands.
 *
 * At the border of the later sentence they end where the canonical sentence does.
 */
static Span facing(const Sentences *s, Span run) {
    Span there = {0, s->m};
    if (run.begin > 0) {
        there.begin = s->later->mates[run.begin - 1] + 1;
    } else if (run.end < s->n) {
        there.begin = s->later->mates[run.end];
        while (there.begin > 0 && s->sentences[there.begin - 1] == s->sentences[there.begin])
            there.begin--;
    }
    if (run.end < s->n) {
        there.end = s->later->mates[run.end];
    } else if (run.begin > 0) {
        there.end = there.begin;
        while (there.end < s->m && s->sentences[there.end] == s->sentences[there.begin - 1])
            there.end++;
    }
    return there;
}

/* Count the canonical words, at least of this kind, that the later sentence lacks. */
static int64_t lost(const Sentences *s, Span there, int8_t kind) {
    int64_t count = 0;
    for (int64_t i = there.begin; i < there.end; i++)
        count += s->canonical->mates[i] < 0 && s->canonical->kinds[i] >= kind;
    return count;
}

/* Return true if a run of later words names who said something. */
static bool says(const Sentences *s, Span run) {
    for (int64_t j = run.begin; j < run.end; j++)
        if (s->later->kinds[j] == SAYING)
            return true;
    return false;
}

/* Return true if a word stands anywhere in a paragraph. */
static bool stands_in(int64_t key, const Paragraph *p) {
    for (int64_t i = 0; i < p->count; i++)
        if (key_of(p->words[i]) == key)
            return true;
    return false;
}

/* What is known of a run of later words as a whole. */
typedef struct {
    int64_t lost;  /* canonical words of content that are lacking where it stands */
    bool figures;  /* it replaces figures, word for word */
    bool replaces; /* it replaces words that say something there, word for word */
    bool speaks;   /* it says who speaks, and replaces no content */
    bool inside;   /* it replaces words inside the sentence */
    bool alone;    /* it is one word in the place of one of content */
} Run;

/* Look at a run of later words and at what stands in its place. */
static Run look_at(const Sentences *s, Span run) {
    const Span there = facing(s, run);
    const int64_t length = length_of(run), length_there = length_of(there);
    const bool small = length <= SMALL && length_there <= SMALL;
    Run seen = {.lost = lost(s, there, CONTENT)};
    seen.figures = small && lost(s, there, FIGURE) > 0;
    seen.replaces = small && lost(s, there, REPLACING) > 0;
    seen.speaks = seen.lost == 0 && says(s, run);
    seen.inside = small && run.begin > 0 && run.end < s->n;
    seen.alone = seen.inside && length == 1 && length_there == 1 && seen.lost == 1;
    return seen;
}

/* Return true if a word of this kind is new. */
static bool is_new(int8_t kind, const Run *seen) {
    return kind == CONTENT || (kind == REPLACING && seen->replaces) || (kind == LIGHT && seen->alone);
}

/* Judge a later word of a run. Who speaks may be told in another sentence of the canonical paragraph. */
static int word_differs(const Sentences *s, int64_t j, const Run *seen, const Paragraph *a) {
    const int8_t kind = s->later->kinds[j];
    if (s->later->moved[j])
        return seen->inside && kind >= CONTENT && seen->lost > 0 ? FACTS_DIFFER : 0;
    if (kind == FIGURE || (seen->figures && kind != DENYING))
        return FACTS_DIFFER | NUMBERS_DIFFER;
    if (seen->speaks && kind == CONTENT && stands_in(s->later->keys[j], a))
        return 0;
    return is_new(kind, seen) ? FACTS_DIFFER : 0;
}

/* Judge a run of later words that have no mates in the same order: return flags of what they say anew. */
static int run_differs(const Sentences *s, Span run, const Paragraph *a) {
    const Run seen = look_at(s, run);
    int flags = 0;
    for (int64_t j = run.begin; j < run.end; j++)
        flags |= word_differs(s, j, &seen, a);
    return flags;
}

/* Return true if a word of the later sentence lies outside of the words that are judged. */
static bool is_other_text(int64_t j, Span judged) { return !is_within(j, judged); }

/* Judge all runs of the later sentence. */
static int runs_differ(const Sentences *s, Span judged, const Paragraph *a) {
    int flags = 0;
    for (int64_t j = 0, end; j < s->n; j = end + 1) {
        end = j;
        while (end < s->n && (s->later->mates[end] < 0 || s->later->moved[end]))
            end++;
        if (end > j && !is_other_text(j, judged))
            flags |= run_differs(s, (Span){j, end}, a);
    }
    return flags;
}

/* Count the negations among lacking canonical words: only in short runs of them. */
static int64_t lost_negations(const Sentences *s) {
    int64_t surplus = 0;
    for (int64_t i = 0, end; i < s->m; i = end > i ? end : i + 1) {
        int64_t inside = 0;
        for (end = i; end < s->m && s->canonical->mates[end] < 0 && s->sentences[end] == s->sentences[i]; end++)
            inside += s->canonical->kinds[end] == DENYING;
        surplus += end - i <= LEFT_OUT ? inside : 0;
    }
    return surplus;
}

/* Return true if one side has a negation more than the other. */
static bool negations_apart(const Sentences *s, Span judged) {
    int64_t surplus = 0;
    for (int64_t j = 0; j < s->n; j++)
        surplus += s->later->kinds[j] == DENYING && s->later->mates[j] < 0 && !is_other_text(j, judged);
    return surplus != lost_negations(s);
}

/* Return true if a word occurs once on its side. */
static bool is_unique(const Side *side, int64_t at, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (i != at && side->keys[i] == side->keys[at])
            return false;
    return true;
}

/* Return true if a word of content before the later word j has its mate behind that of j, and not far behind p. */
static bool has_crossed(const Sentences *s, int64_t j, int64_t first, int64_t p, int64_t reach) {
    for (int64_t back = j - 1; back >= first; back--) {
        const int64_t mate = s->later->mates[back];
        if (s->later->kinds[back] == SAYING)
            return false;
        if (mate > s->later->mates[j] && mate <= p + reach && s->later->kinds[back] >= CONTENT)
            return true;
    }
    return false;
}

/* Return true if two words of content have changed places around the later word j: "dog bit man", "man bit dog". */
static bool is_reversed_around(const Sentences *s, int64_t j) {
    const int64_t reach = s->later->keys[j] & CHARACTER_TAG ? 2 * EXCHANGED : EXCHANGED;
    const int64_t end = smaller(s->n, j + reach);
    for (int64_t k = j + 1; k < end; k++) {
        const int64_t mate = s->later->mates[k];
        if (s->later->kinds[k] == SAYING)
            return false;
        if (mate < 0 || mate >= s->later->mates[j] || s->later->kinds[k] < CONTENT)
            continue;
        if (has_crossed(s, j, larger(0, k - reach), mate, reach))
            return true;
    }
    return false;
}

/* Return true if words have changed places in the later sentence. */
static bool is_exchanged(const Sentences *s) {
    for (int64_t j = 0; j < s->n; j++) {
        const int64_t i = s->later->mates[j];
        if (i < 0 || s->later->kinds[j] == SAYING)
            continue;
        if (is_reversed_around(s, j) && is_unique(s->later, j, s->n) && is_unique(s->canonical, i, s->m))
            return true;
    }
    return false;
}

/*
 * Return the words of a later sentence, counted in it, that are judged: all but those before and after what is aligned,
 * if they are so many that they are other text. Two characters of a script without spaces are a word.
 */
static Span judged_span(const Paragraph *b, Span later, const Room *room) {
    int64_t first = later.end, after = later.begin;
    for (int64_t i = room->aligned.begin; i < room->aligned.end; i++) {
        const int64_t partner = room->a[i].partner;
        if (is_within(partner, later)) {
            first = smaller(first, partner);
            after = larger(after, partner + 1);
        }
    }
    if (halves_in(b, (Span){later.begin, first}) < 2 * OTHER_TEXT)
        first = later.begin;
    if (halves_in(b, (Span){after, later.end}) < 2 * OTHER_TEXT)
        after = later.end;
    return (Span){first - later.begin, after - later.begin};
}

/*
 * Compare the later sentence of a match with the canonical ones that it is a copy of: return flags of what differs.
 *
 * `spoken` is the language of the later paragraph.
 */
int64_t facts_apart(
    const Paragraph *a, const Paragraph *b, const Match *match, int64_t spoken, const FactWords *listed, Room *room) {
    const Span later = {sentence_begin(b, match->sentence_b), sentence_end(b, match->sentence_b)};
    Sentences s = {&room->later, &room->canonical, room->sentences, length_of(later), 0};
    s.m = note_sources(a, match->sentence_a, later, spoken, listed, room);
    for (int64_t j = 0; j < s.n; j++)
        note(b->words[later.begin + j], s.later, j, spoken, listed);
    pair_in_order(&s, room->common);
    const int64_t moved = pair_moved(&s);
    const Span judged = judged_span(b, later, room);
    int64_t flags = runs_differ(&s, judged, a);
    if (negations_apart(&s, judged))
        flags |= FACTS_DIFFER | NEGATIONS_DIFFER;
    if (moved > 0 && is_exchanged(&s))
        flags |= FACTS_DIFFER;
    return flags;
}
