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

/* Read on to the end of a word of which the first letter is read. */
static void end_word(const uint8_t *classes, text *from) {
    while (from->at < from->end) {
        text after = *from;
        uint8_t kind = classes[next(&after)];
        if (kind & JOINER && after.at < after.end)
            kind = classes[next(&after)] & LETTER;
        if (!(kind & (LETTER | MARK)))
            return;
        *from = after;
    }
}

static int64_t count(const uint8_t *classes, text from) {
    int64_t words = 0;
    while (from.at < from.end) {
        uint8_t kind = classes[next(&from)];
        words += (kind & (SYLLABLE | LETTER)) != 0;
        if (!(kind & SYLLABLE) && kind & LETTER)
            end_word(classes, &from);
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
