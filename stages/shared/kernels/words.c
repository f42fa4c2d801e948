/* The one count of words, for many texts at once; `stages/shared/words.py` says what a word is. */
#include "stages/native/native.h"

/* What a character is to the count, as bits. */
enum { LETTER = 1, MARK = 2, SYLLABLE = 4, JOINER = 8 };

enum { CODE_POINTS = 0x110000 };

typedef struct { /* a text in UTF-8, the place up to which it is read, and its end */
    const uint8_t *bytes;
    int64_t at, end;
} text;

/* Read one character. Bytes that are no UTF-8 give some character or other, and none beyond the end is read. */
INLINE uint32_t next(text *from) {
    const uint8_t *bytes = from->bytes + from->at;
    int64_t left = from->end - from->at;
    if (bytes[0] < 0xC0 || left < 2) {
        from->at++;
        return bytes[0];
    }
    if (bytes[0] < 0xE0 || left < 3) {
        from->at += 2;
        return (bytes[0] & 0x1Fu) << 6 | (bytes[1] & 0x3Fu);
    }
    if (bytes[0] < 0xF0 || left < 4) {
        from->at += 3;
        return (bytes[0] & 0x0Fu) << 12 | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu);
    }
    from->at += 4;
    uint32_t code = (bytes[0] & 0x07u) << 18 | (bytes[1] & 0x3Fu) << 12 | (bytes[2] & 0x3Fu) << 6 | (bytes[3] & 0x3Fu);
    return code < CODE_POINTS ? code : 0;
}

/* What the characters read so far say of the next one: does a letter or mark go on with a word, and does a letter only,
 * behind a joiner. */
typedef struct {
    int in_word, joined;
} state;

/* Take one more character; returns 1 if a word begins with it. */
INLINE int64_t taken(uint8_t kind, state *here) {
    const int goes_on = (here->in_word && kind & (LETTER | MARK)) || (here->joined && kind & LETTER);
    const int begins = !goes_on && (kind & (SYLLABLE | LETTER)) != 0;
    here->joined = here->in_word && !goes_on && !begins && kind & JOINER;
    here->in_word = goes_on || (begins && !(kind & SYLLABLE));
    return begins;
}

INLINE uint8_t is_letter(uint8_t byte) {
    return ((uint8_t)((byte | 0x20) - 'a') < 26) | ((uint8_t)(byte - '0') < 10);
}

INLINE uint8_t is_joiner(uint8_t byte) {
    return (byte == '\'') | (byte == '-') | (byte == ',') | (byte == '.');
}

enum { BLOCK = 64 };

/* Tell if the next characters, as many as a block has, are all ASCII. */
INLINE int ascii_ahead(const text *from) {
    if (from->end - from->at < BLOCK)
        return 0;
    uint8_t all = 0;
    for (int at = 0; at < BLOCK; at++)
        all |= from->bytes[from->at + at];
    return all < 0x80;
}

/* Count the words that begin in a block of ASCII behind two bytes of ASCII, which alone decide if a letter goes on with
 * a word. Without branches, so that the compiler takes many bytes at once. */
INLINE int64_t begun_in_block(const uint8_t *bytes) {
    uint8_t begun = 0;
    for (int at = 0; at < BLOCK; at++) {
        const uint8_t before = bytes[at - 1];
        begun += is_letter(bytes[at]) & !(is_letter(before) | (is_joiner(before) & is_letter(bytes[at - 2])));
    }
    return begun;
}

static int64_t count(const uint8_t *classes, text from) {
    int64_t words = 0, ascii = 0; /* `ascii` counts the last bytes read that are ASCII */
    state here = {0, 0};
    while (from.at < from.end) {
        if (ascii >= 2 && ascii_ahead(&from)) {
            words += begun_in_block(from.bytes + from.at);
            from.at += BLOCK;
            const uint8_t last = from.bytes[from.at - 1];
            here.in_word = is_letter(last);
            here.joined = is_joiner(last) && is_letter(from.bytes[from.at - 2]);
            continue;
        }
        ascii = from.bytes[from.at] < 0x80 ? ascii + 1 : 0;
        words += taken(classes[next(&from)], &here);
    }
    return words;
}

/* Count the words of each text. `offsets` are where each begins among the bytes, and the end; `classes` has a byte for
 * every code point. */
EXPORT int64_t words_count(const uint8_t *bytes, const int64_t *offsets, int64_t texts, const uint8_t *classes,
                           int64_t *counts) {
    for (int64_t number = 0; number < texts; number++)
        counts[number] = count(classes, (text){bytes, offsets[number], offsets[number + 1]});
    return 0;
}
