/* Tokenizer: UTF-8 texts into hashed words with spans, and words into sentences and quotations. */
#include <string.h>

#include "gaps.h"
#include "hashing.h"

#define LAST (TABLE_SIZE - 1)
#define WORD_MASK ((UINT64_C(1) << STEM_SHIFT) - 1 - FLAGS)

/* The first ligature of two Arabic letters that texts have in forms of presentation (folded to lam), and alef. */
#define LAM_ALEF 0xFEF5
#define ALEF 0x0627

#define LINE_BREAK '\n'

/* The tables of `alphabet.TokenizerTables`. */
typedef struct {
    const uint32_t *fold;
    const uint8_t *kind;
    const uint64_t *special_hash;
    const uint16_t *special_means;
    const uint64_t *special_word;
} alphabet;

/* A paragraph: bytes of UTF-8 up to `end`. Nothing is read behind it, even if it breaks off within a character. */
typedef struct {
    const uint8_t *data;
    int64_t end;
    const alphabet *tables;
} paragraph;

/* A character: its code point, its kind, and the byte after it. */
typedef struct {
    uint32_t code;
    int kind;
    int64_t after;
} character;

/* A word that was read. */
typedef struct {
    uint64_t value;   /* its hash with flags */
    int64_t after;    /* the byte after it */
    int span, skip;   /* code points that were read, and those to be skipped after it */
    bool abbreviated; /* a point after it ends no sentence */
    bool dropped;     /* an honorific */
} word;

/* Arrays that words are put into: hashes with flags, code-point spans in the paragraph, gaps. */
typedef struct {
    int64_t *words;
    int32_t *starts, *ends;
    uint8_t *gaps;
} tokens;

INLINE uint32_t bounded(uint32_t code) { return code < LAST ? code : LAST; }

INLINE uint32_t folded(const alphabet *tables, uint32_t code) { return tables->fold[bounded(code)]; }

INLINE bool is_letter(int kind) { return kind == LETTER || kind == CAPITAL; }

/* Return the byte of a character's rest, 0 where the paragraph breaks off. */
INLINE uint32_t rest(const paragraph *text, int64_t at) { return at < text->end ? text->data[at] & 0x3F : 0; }

/* Read the character at a byte. */
INLINE character decode(const paragraph *text, int64_t at) {
    uint32_t first = text->data[at];
    character found = {first, 0, at + 1};
    if (first >= 0xF0) {
        found.code = (first & 7) << 18 | rest(text, at + 1) << 12 | rest(text, at + 2) << 6 | rest(text, at + 3);
        found.after = at + 4;
    } else if (first >= 0xE0) {
        found.code = (first & 15) << 12 | rest(text, at + 1) << 6 | rest(text, at + 2);
        found.after = at + 3;
    } else if (first >= 0x80) {
        found.code = (first & 31) << 6 | rest(text, at + 1);
        found.after = at + 2;
    }
    found.kind = text->tables->kind[bounded(found.code)];
    return found;
}

/* Return the kind of the character at a byte (SPACE at the end of the text). */
INLINE int kind_at(const paragraph *text, int64_t at) { return at < text->end ? decode(text, at).kind : SPACE; }

/* Make all bits of a hash depend on all others. */
INLINE uint64_t mix(uint64_t value) {
    value = (value ^ (value >> 33)) * MIX;
    return value ^ (value >> 33);
}

/* Finish a word's hash: its stem's in the high bits; the low bits stay free for flags. */
INLINE uint64_t finish(uint64_t value, uint64_t stem) {
    return (mix(stem) >> STEM_SHIFT) << STEM_SHIFT | (mix(value) & WORD_MASK);
}

INLINE uint64_t hash_code(uint64_t value, uint32_t code) { return (value ^ code) * PRIME; }

/* Return a word's hash with one more letter; a ligature of lam and alef is two. */
INLINE uint64_t hash_letter(const alphabet *tables, uint64_t value, uint32_t code) {
    value = hash_code(value, folded(tables, code));
    return code >= LAM_ALEF && code < LAM_ALEF + 8 ? hash_code(value, ALEF) : value;
}

/* The sign "%" reads as this word. */
static uint64_t percent(void) {
    uint64_t value = SEED, stem = SEED;
    const char *letters = "percent";
    for (int i = 0; letters[i]; i++) {
        value = hash_code(value, (uint8_t)letters[i]);
        stem = i < STEM_LETTERS ? value : stem;
    }
    return finish(value, stem);
}

/* Return the slot of a word in the table of special words, or -1. At most half of the slots are taken. */
INLINE int64_t look_up(uint64_t value, const uint64_t *hashes) {
    uint64_t slot = (value >> SLOT_SHIFT) & (SLOTS - 1);
    while (hashes[slot]) {
        if (hashes[slot] == value)
            return (int64_t)slot;
        slot = (slot + 1) & (SLOTS - 1);
    }
    return -1;
}

/* Letters that are read: hashes of the word and of its stem so far, and how many. */
typedef struct {
    uint64_t value, stem;
    int64_t letters;
} spelling;

/* Read the one-byte letters that a word begins with, the usual ones. */
INLINE spelling read_plain(const paragraph *text, int64_t at) {
    const alphabet *tables = text->tables;
    spelling read = {SEED, SEED, 0};
    for (; at < text->end && text->data[at] < 0x80 && is_letter(tables->kind[text->data[at]]); at++) {
        read.value = hash_code(read.value, tables->fold[text->data[at]]);
        read.stem = ++read.letters <= STEM_LETTERS ? read.value : read.stem;
    }
    return read;
}

/* Return true if the part of a word that begins at byte `at` is joined to one more by a hyphen. */
static bool is_joined_on(const paragraph *text, int64_t at) {
    character now = decode(text, at);
    while (is_letter(now.kind) || now.kind == MARK || now.kind == APOSTROPHE)
        now = now.after < text->end ? decode(text, now.after) : (character){0, SPACE, text->end};
    return now.kind == HYPHEN && is_letter(kind_at(text, now.after));
}

/*
 * Read one word of letters from byte `at`.
 *
 * Apostrophes, hyphens and the points of "U.S." inside it are passed over; a possessive 's is read and left out. Of three
 * words and more that hyphens join, each is one: "all-in-all" is printed "all in all", but nobody prints "allinall", as
 * "ceasefire" is printed for "cease-fire". (With "year-old" in two words after a figure, "an 18-month-old son", one more
 * fact that two reporters share passes for a copy: precision on the labelled pairs 0.941 for 0.959.) `joined` says that
 * a hyphen joins the word to one of letters before it.
 */
INLINE word read_letters(const paragraph *text, int64_t at, bool joined) {
    spelling read = read_plain(text, at);
    int64_t since_point = read.letters, points = 0;
    word found = {0, at + read.letters, (int)read.letters, 0, false, false};
    while (found.after < text->end) {
        character now = decode(text, found.after);
        if (is_letter(now.kind)) {
            read.value = hash_letter(text->tables, read.value, now.code);
            if (++read.letters <= STEM_LETTERS)
                read.stem = read.value;
            since_point++;
        } else if (now.kind == APOSTROPHE || now.kind == HYPHEN || now.kind == STOP) {
            if (!is_letter(kind_at(text, now.after)))
                break;
            if (now.kind == HYPHEN && (joined || is_joined_on(text, now.after)))
                break;
            character next = decode(text, now.after);
            int beyond = kind_at(text, next.after);
            bool lone = !is_letter(beyond) && beyond != MARK;
            if (now.kind == APOSTROPHE && lone && (next.code == 's' || next.code == 'S')) {
                found.skip = 2;
                found.after = next.after;
                break;
            }
            if (now.kind == STOP) {
                if (since_point != 1 || !lone)
                    break;
                points++;
            }
            since_point = 0;
        } else if (now.kind != MARK)
            break;
        found.span++;
        found.after = now.after;
    }
    found.value = finish(read.value, read.stem);
    found.abbreviated = points > 0 || read.letters == 1;
    return found;
}

/* Read one number from byte `at`. "5,000" reads as 5000. */
INLINE word read_figure(const paragraph *text, int64_t at) {
    word found = {SEED, at, 0, 0, false, false};
    while (found.after < text->end) {
        character now = decode(text, found.after);
        if (now.kind == DIGIT)
            found.value = hash_code(found.value, folded(text->tables, now.code));
        else if ((now.code != ',' && now.code != '.') || kind_at(text, now.after) != DIGIT)
            break;
        else if (now.code == '.')
            found.value = hash_code(found.value, now.code);
        found.span++;
        found.after = now.after;
    }
    found.value = finish(found.value, found.value) | NUMBER;
    return found;
}

/* Read one character of a script without spaces: its hash with that of the next. */
INLINE word read_character(const paragraph *text, int64_t at) {
    const alphabet *tables = text->tables;
    character now = decode(text, at);
    uint64_t stem = hash_code(SEED, folded(tables, now.code)), value = stem;
    int64_t slot = look_up(finish(stem, stem), tables->special_hash); /* of the character alone */
    uint64_t flags = SINGLE | (slot >= 0 ? tables->special_means[slot] & FUNCTION : 0);
    word found = {0, now.after, 1, 0, false, false};
    while (kind_at(text, found.after) == MARK) {
        found.span++;
        found.after = decode(text, found.after).after;
    }
    if (kind_at(text, found.after) == CHARACTER)
        value = hash_code(value, folded(tables, decode(text, found.after).code));
    found.value = finish(value, stem) | flags;
    return found;
}

/* Read the word or figure that begins with a character at byte `at`; `joined` as in `read_letters`. */
INLINE word read_word(const paragraph *text, int64_t at, character now, bool joined) {
    const alphabet *tables = text->tables;
    if (now.kind == DIGIT)
        return read_figure(text, at);
    if (now.kind == CHARACTER)
        return read_character(text, at);
    if (now.kind == PERCENT)
        return (word){percent(), now.after, 1, 0, false, false};
    word found = read_letters(text, at, joined);
    int64_t slot = look_up(found.value, tables->special_hash);
    if (slot >= 0) {
        int means = tables->special_means[slot];
        found.value = tables->special_word[slot] | (uint64_t)(means & FLAGS);
        found.abbreviated |= (means & ABBREVIATION) != 0;
        found.dropped = (means & HONORIFIC) != 0;
    }
    if (now.kind == CAPITAL)
        found.value |= NAME;
    return found;
}

/*
 * Return what a possible quotation mark does (OPENS, CLOSES or 0), and set the quotation that is open after it.
 *
 * 0: none, 1: in double marks, 2: in single ones. Straight marks are told apart by the characters on either side.
 */
INLINE int quotation_mark(character now, int before, int following, int *quoted) {
    if (now.kind == OPENING) {
        *quoted = now.code == 0x2018 || now.code == 0x201A ? 2 : 1;
        return OPENS;
    }
    if (now.kind == CLOSING) {
        *quoted = 0;
        return CLOSES;
    }
    if (now.kind == QUOTE) {
        bool closes = *quoted == 1 && !(before == SPACE && following != SPACE);
        *quoted = closes ? 0 : 1;
        return closes ? CLOSES : OPENS;
    }
    if (now.kind == APOSTROPHE && before == SPACE && is_letter(following)) {
        *quoted = 2;
        return OPENS;
    }
    if (now.kind == APOSTROPHE && before != SPACE && *quoted == 2) {
        *quoted = 0;
        return CLOSES;
    }
    return 0;
}

/* Return true if a word begins with a character of this kind. */
INLINE bool is_word(int kind) {
    return is_letter(kind) || kind == DIGIT || kind == CHARACTER || kind == PERCENT;
}

/* Return true if a word with a capital begins at a byte: one that is more than an initial. */
static bool is_capitalized(const paragraph *text, int64_t at) {
    character first = decode(text, at);
    return first.kind == CAPITAL && kind_at(text, first.after) == LETTER;
}

/*
 * Return true if a mark ends a sentence, as far as it can tell: the next word's case decides.
 *
 * Many pages lose the space behind a stop ("… on Monday.The ferry …"): there a word with a capital follows.
 */
static bool ends_sentence(const paragraph *text, character mark, bool abbreviated) {
    if (mark.kind != STOP)
        return mark.kind == MARKED_STOP;
    int following = kind_at(text, mark.after);
    if (abbreviated || following == DIGIT || following == LETTER)
        return false;
    return following != CAPITAL || is_capitalized(text, mark.after);
}

/* Return true for letters of scripts without case: from Hebrew on, except Georgian and extended Latin and Greek. */
INLINE bool is_caseless(uint32_t code) { return (code >= 0x0590 && code < 0x10A0) || code >= 0x2D00; }

/* Capitalized words from which a sentence or quotation that has no other words of content is a headline; so many of them
   must be common ones, else it is a list of names. Chosen by hand, not tuned. */
#define HEADLINE_WORDS 5
#define HEADLINE_COMMON 2

/* Have common words of a headline, from `begin` to `end`, be no names: there all words have a capital. */
static void unname_headline(int64_t *words, int64_t begin, int64_t end) {
    int64_t capitals = 0, common = 0;
    for (int64_t i = begin; i < end; i++) {
        if (words[i] & NAME) {
            capitals++;
            common += (words[i] & COMMON) != 0;
        } else if (i > begin && !(words[i] & (FUNCTION | NUMBER)))
            return;
    }
    if (capitals < HEADLINE_WORDS || common < HEADLINE_COMMON)
        return;
    for (int64_t i = begin; i < end; i++)
        words[i] &= words[i] & COMMON ? ~(int64_t)NAME : -1;
}

/* Do that for each headline of a paragraph's words. */
static void unname_headlines(int64_t *words, const uint8_t *gaps, int64_t begin, int64_t end) {
    for (int64_t i = begin + 1; i <= end; i++) {
        if (i == end || gaps[i] & (ENDS | OPENS | CLOSES)) {
            unname_headline(words, begin, i);
            begin = i;
        }
    }
}

/* Put the words of one paragraph into the arrays from place n on; return the place after the last one. */
static int64_t read_paragraph(const paragraph *text, int64_t at, tokens out, int64_t n) {
    const int64_t first = n;
    int64_t point = 0;
    int gap = ENDS, quoted = 0, before = SPACE;
    bool stopped = true, abbreviated = false, joined = false;
    while (at < text->end) {
        character now = decode(text, at);
        if (!is_word(now.kind)) {
            if (now.kind != SPACE) {
                int following = kind_at(text, now.after);
                stopped = stopped || ends_sentence(text, now, abbreviated);
                abbreviated = abbreviated && now.kind != OTHER && now.kind != HYPHEN;
                gap |= quotation_mark(now, before, following, &quoted) | (now.kind == CLAUSE ? PAUSES : 0);
            }
            joined = now.kind == HYPHEN && before == LETTER;
            before = now.kind;
            at = now.after;
            point++;
            continue;
        }
        word found = read_word(text, at, now, joined);
        if (!found.dropped) {
            /* A stop ends a sentence unless a small letter follows it. */
            if (stopped && (now.kind != LETTER || gap & OPENS || is_caseless(now.code)))
                gap |= ENDS;
            int64_t value = (int64_t)(found.value | (quoted ? QUOTED : 0));
            /* A capital that begins a sentence says nothing. */
            out.words[n] = gap & (ENDS | OPENS) ? value & ~(int64_t)NAME : value;
            out.starts[n] = (int32_t)point;
            out.ends[n] = (int32_t)(point + found.span);
            out.gaps[n++] = (uint8_t)gap;
            gap = 0;
            stopped = false;
        }
        abbreviated = found.abbreviated;
        at = found.after;
        before = now.kind == DIGIT ? DIGIT : LETTER;
        joined = false;
        point += found.span + found.skip;
    }
    unname_headlines(out.words, out.gaps, first, n);
    return n;
}

/* Return the byte of the next blank line, or of the end of the text. */
static int64_t paragraph_end(const uint8_t *data, int64_t begin, int64_t end) {
    while (begin < end) {
        const uint8_t *found = memchr(data + begin, LINE_BREAK, (size_t)(end - begin));
        if (!found)
            return end;
        begin = found - data;
        if (begin + 1 < end && data[begin + 1] == LINE_BREAK)
            return begin;
        begin++;
    }
    return end;
}

/*
 * Split every text (UTF-8, between `offsets`) into words: hashes with flags, spans in the paragraph, gaps. A word takes
 * a byte at least, and a paragraph that is not a text's last takes two; so large the arrays must be.
 *
 * Fills for each paragraph its document and its first word; returns the number of words, and sets that of paragraphs.
 */
EXPORT int64_t tokenizer_tokenize(
    const uint8_t *data, const int64_t *offsets, int64_t texts, const uint32_t *fold, const uint8_t *kind,
    const uint64_t *special_hash, const uint16_t *special_means, const uint64_t *special_word, int64_t *words,
    int32_t *starts, int32_t *ends, uint8_t *gaps, int32_t *paragraph_document, int64_t *paragraph_first,
    int64_t *paragraphs) {
    alphabet tables = {fold, kind, special_hash, special_means, special_word};
    tokens out = {words, starts, ends, gaps};
    int64_t n = 0, count = 0;
    for (int64_t document = 0; document < texts; document++) {
        int64_t begin = offsets[document], end = offsets[document + 1];
        while (begin <= end) {
            paragraph text = {data, paragraph_end(data, begin, end), &tables};
            paragraph_document[count] = (int32_t)document;
            paragraph_first[count++] = n;
            n = read_paragraph(&text, begin, out, n);
            begin = text.end < end ? text.end + 2 : end + 1;
        }
    }
    *paragraphs = count;
    return n;
}

/* Words of a sentence: of the smallest, the longest, and of a quotation, and what stands beside it, that are sentences of
   their own. */
typedef struct {
    int64_t smallest, longest, quoted;
} sentence_words;

/* Return the word after the pause nearest the middle of a sentence, if its middle half has one, else the middle. */
static int64_t pause_near_middle(const uint8_t *gaps, int64_t begin, int64_t end) {
    int64_t middle = (begin + end) / 2;
    for (int64_t d = 0; d < (end - begin) / 4; d++) {
        if (gaps[middle - d] & (PAUSES | ENDS))
            return middle - d;
        if (gaps[middle + d] & (PAUSES | ENDS))
            return middle + d;
    }
    return middle;
}

/* Return the next word before which a quotation begins or ends, the end of the sentence if there is none. */
static int64_t next_mark(const uint8_t *gaps, int64_t at, int64_t end) {
    while (at < end && !(gaps[at] & (OPENS | CLOSES)))
        at++;
    return at;
}

/*
 * Cut a sentence, whose start is the last of `starts`, before and behind its quotations of at least `least` words, where
 * as many stand beside them; return the place after the last start.
 *
 * Who copies one of two quotations and who copies the other have nothing in common, and should not share a cluster.
 */
static int64_t cut_at_quotations(const uint8_t *gaps, int64_t end, int64_t least, int64_t *starts, int64_t n) {
    const int64_t begin = starts[n - 1];
    bool in_long_one = false;
    for (int64_t i = next_mark(gaps, begin, end); i < end; i = next_mark(gaps, i + 1, end)) {
        const bool closes_long_one = in_long_one && end - i >= least;
        in_long_one = gaps[i] & OPENS && next_mark(gaps, i + 1, end) - i >= least;
        if ((closes_long_one || in_long_one) && i - starts[n - 1] >= least)
            starts[n++] = i;
    }
    return n;
}

/* Put sentence starts of the words from begin to end into `starts` from place n on; return the place after. */
static int64_t cut_sentences(
    const uint8_t *gaps, int64_t begin, int64_t end, const sentence_words *words, int64_t *starts, int64_t n) {
    const int64_t smallest = words->smallest;
    int64_t at = n;
    starts[n++] = begin;
    for (int64_t i = begin + smallest; i <= end - smallest; i++)
        if (gaps[i] & ENDS && i - starts[n - 1] >= smallest) {
            n = cut_at_quotations(gaps, i, words->quoted, starts, n);
            starts[n++] = i;
        }
    n = cut_at_quotations(gaps, end, words->quoted, starts, n);
    while (at < n) { /* halve the long ones until none is too long */
        int64_t stop = at + 1 == n ? end : starts[at + 1];
        if (stop - starts[at] <= words->longest) {
            at++;
            continue;
        }
        memmove(starts + at + 2, starts + at + 1, (size_t)(n - at - 1) * sizeof *starts);
        starts[at + 1] = pause_near_middle(gaps, starts[at], stop);
        n++;
    }
    return n;
}

/* Arrays that quotations are put into: first word, word after the last, paragraph. */
typedef struct {
    int64_t *start, *end;
    int32_t *paragraph;
} quotations;

/* Put the quotations of at least `shortest` words from begin to end into the arrays from place n on. */
static int64_t cut_quotations(
    const uint8_t *gaps, int64_t begin, int64_t end, int64_t shortest, int64_t number, quotations out, int64_t n) {
    int64_t opened = -1;
    for (int64_t i = begin; i <= end; i++) {
        if (opened >= 0 && (i == end || gaps[i] & (CLOSES | OPENS))) {
            if (i - opened >= shortest) {
                out.start[n] = opened;
                out.end[n] = i;
                out.paragraph[n++] = (int32_t)number;
            }
            opened = -1;
        }
        if (i < end && gaps[i] & OPENS)
            opened = i;
    }
    return n;
}

/*
 * Split every paragraph (words `first[p]` to `first[p + 1]`) into sentences, and find the quotations in it.
 *
 * A sentence of fewer than `smallest` words (at least one) is joined with the one after it (the last with the one
 * before); one of more than `longest` (at least one) is cut at the pause nearest its middle. Quotations of at least `quoted` words, and
 * what stands beside them if it is as long, are sentences of their own. Fills `starts` of sentences
 * and for each paragraph, and after the last, the first of them; returns their number and sets that of quotations. There
 * are at most as many of both as words.
 */
EXPORT int64_t tokenizer_cut(
    const uint8_t *gaps, const int64_t *first, int64_t paragraphs, int64_t smallest, int64_t longest,
    int64_t quoted, int64_t shortest_quote, int64_t *starts, int64_t *of_paragraph, int64_t *quote_start, int64_t *quote_end,
    int32_t *quote_paragraph, int64_t *quotes) {
    const sentence_words words = {smallest, longest, quoted};
    quotations out = {quote_start, quote_end, quote_paragraph};
    int64_t n = 0, found = 0;
    for (int64_t p = 0; p < paragraphs; p++) {
        of_paragraph[p] = n;
        if (first[p] < first[p + 1]) {
            n = cut_sentences(gaps, first[p], first[p + 1], &words, starts, n);
            found = cut_quotations(gaps, first[p], first[p + 1], shortest_quote, p, out, found);
        }
    }
    of_paragraph[paragraphs] = n;
    *quotes = found;
    return n;
}
