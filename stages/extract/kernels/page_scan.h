/* Scan a page that libxml2 has written as XML in UTF-8: tags in pairs, no comments, quotes around every value.
 *
 * Names may hold anything that a page has in its tags but ">". Whatever the bytes are, none is read beyond their end.
 */
#ifndef COPYDESK_PAGE_SCAN_H
#define COPYDESK_PAGE_SCAN_H

#include <stdlib.h>
#include <string.h>

#include "stages/native/native.h"

typedef struct {
    int64_t begin, end;
} span;

static inline int64_t size_of(span some) { return some.end - some.begin; }

enum event { START, END, TEXT, DONE };

typedef struct {
    const uint8_t *bytes;
    int64_t at, length;
} page;

typedef struct {
    enum event event;
    span span;      /* the name of a tag, or the text */
    int64_t inside; /* of a start: where its attributes begin */
    bool is_empty;  /* of a start: no end follows */
    bool is_plain;  /* of a text: "&" stands for itself */
} token;

typedef struct {
    span name, value;
} attribute;

INLINE bool is_blank(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

/* Return where a byte comes next, or the end. */
INLINE int64_t find(const page *from, int64_t at, uint8_t byte) {
    const uint8_t *found = at < from->length ? memchr(from->bytes + at, byte, (size_t)(from->length - at)) : NULL;
    return found ? found - from->bytes : from->length;
}

INLINE bool begins_with(const page *from, int64_t at, const char *what) {
    int64_t length = (int64_t)strlen(what);
    return from->length - at >= length && !memcmp(from->bytes + at, what, (size_t)length);
}

/* Read the next attribute of a tag from `at` on; false at the end of the tag, and `at` is behind its name. */
INLINE bool next_attribute(const page *from, int64_t *at, attribute *found) {
    int64_t here = *at;
    while (here < from->length && is_blank(from->bytes[here]))
        here++;
    found->name.begin = here;
    while (here < from->length && from->bytes[here] != '>' && !begins_with(from, here, "=\"")
           && !begins_with(from, here, "/>"))
        here++;
    *at = here;
    if (!begins_with(from, here, "=\""))
        return false;
    found->name.end = here;
    found->value = (span){here + 2, find(from, here + 2, '"')};
    *at = found->value.end + 1 < from->length ? found->value.end + 1 : from->length;
    return true;
}

/* Read the rest of a start tag. */
INLINE void read_start(page *from, token *found) {
    int64_t at = from->at + 1;
    found->event = START;
    found->span.begin = at;
    while (at < from->length && from->bytes[at] != '>' && !is_blank(from->bytes[at]) && !begins_with(from, at, "/>"))
        at++;
    found->span.end = found->inside = at;
    attribute passed;
    while (next_attribute(from, &at, &passed))
        ;
    found->is_empty = at < from->length && from->bytes[at] == '/';
    at = find(from, at, '>') + 1;
    from->at = at < from->length ? at : from->length;
}

/* Read the next token of a page. */
INLINE token next_token(page *from) {
    token found = {.event = DONE};
    if (from->at >= from->length)
        return found;
    if (from->bytes[from->at] != '<') {
        found.event = TEXT;
        found.span = (span){from->at, find(from, from->at, '<')};
        from->at = found.span.end;
    } else if (begins_with(from, from->at, "<![CDATA[")) {
        int64_t end = from->at + 9;
        while (end < from->length && !begins_with(from, end, "]]>"))
            end = find(from, end + 1, ']');
        found = (token){.event = TEXT, .span = {from->at + 9, end}, .is_plain = true};
        from->at = end + 3 < from->length ? end + 3 : from->length;
    } else if (begins_with(from, from->at, "</")) {
        int64_t end = find(from, from->at, '>');
        found = (token){.event = END, .span = {from->at + 2, end}};
        from->at = end < from->length ? end + 1 : end;
    } else {
        read_start(from, &found);
    }
    return found;
}

/* Read on behind the end of the element whose start was read last. */
INLINE void skip_element(page *from, const token *start) {
    int64_t open = start->is_empty ? 0 : 1;
    while (open) {
        token passed = next_token(from);
        if (passed.event == DONE)
            return;
        open += passed.event == START ? !passed.is_empty : passed.event == END ? -1 : 0;
    }
}

/* A character of a text: its code point, and its bytes as they are written there, or what a reference stands for. */
typedef struct {
    uint32_t code;
    int64_t begin, end; /* in the page; of a reference, that of all of it */
} character;

INLINE uint32_t decoded(const uint8_t *bytes, int64_t at, int64_t *end, int64_t limit) {
    uint8_t first = bytes[at];
    int64_t size = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (size == 1 || at + size > limit) {
        *end = at + 1;
        return first;
    }
    uint32_t code = first & (0x7Fu >> size);
    for (int64_t next = at + 1; next < at + size; next++)
        code = code << 6 | (bytes[next] & 0x3Fu);
    *end = at + size;
    return code;
}

/* Read the number of a reference such as "&#13;"; 0 where it is none. */
INLINE uint32_t number_of(const uint8_t *bytes, int64_t at, int64_t end) {
    bool is_hex = at < end && (bytes[at] | 32) == 'x';
    uint32_t base = is_hex ? 16 : 10, number = 0;
    for (at += is_hex; at < end && number < 0x110000; at++) {
        uint32_t letter = bytes[at] | 32u, digit = letter >= 'a' ? letter - 'a' + 10u : bytes[at] - (uint32_t)'0';
        if (digit >= base)
            return 0;
        number = number * base + digit;
    }
    return number < 0x110000 ? number : 0;
}

/* Read the character at a place of a text. */
INLINE character read_character(const page *from, int64_t at, int64_t end, bool is_plain) {
    character found = {.begin = at};
    const uint8_t *bytes = from->bytes;
    if (bytes[at] != '&' || is_plain) {
        found.code = bytes[at];
        found.end = at + 1;
        if (bytes[at] >= 0x80)
            found.code = decoded(bytes, at, &found.end, end);
        return found;
    }
    static const struct { const char *name; uint32_t code; } named[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}};
    for (size_t number = 0; number < sizeof named / sizeof *named; number++)
        if (begins_with(from, at, named[number].name)) {
            found.code = named[number].code;
            found.end = at + (int64_t)strlen(named[number].name);
            return found;
        }
    int64_t last = at + 1;
    while (last < end && last < at + 10 && bytes[last] != ';')
        last++;
    uint32_t code = last < end && bytes[last] == ';' && bytes[at + 1] == '#' ? number_of(bytes, at + 2, last) : 0;
    found.code = code ? code : '&';
    found.end = code ? last + 1 : at + 1;
    return found;
}

/* Write a character in UTF-8; return how many bytes that takes, never more than the page has for it. */
INLINE int64_t write_character(uint8_t *to, const page *from, const character *what) {
    if (from->bytes[what->begin] != '&') {
        for (int64_t at = what->begin; at < what->end; at++)
            to[at - what->begin] = from->bytes[at];
        return what->end - what->begin;
    }
    uint32_t code = what->code;
    if (code < 0x80) {
        to[0] = (uint8_t)code;
        return 1;
    }
    int64_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    to[0] = (uint8_t)((0xF00u >> more) | code >> (6 * more));
    for (int64_t at = 1; at <= more; at++)
        to[at] = (uint8_t)(0x80 | (code >> (6 * (more - at)) & 0x3F));
    return more + 1;
}

/* Tell if Python takes a character for white space. */
INLINE bool is_space(uint32_t code) {
    if (code < 0x80)
        return code == ' ' || (code >= 9 && code <= 13) || (code >= 0x1C && code <= 0x1F);
    return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028
           || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

/* A table of words: the hash of each (none is 0), and a value. The hash of a word begins with that of its kind. */
typedef struct {
    const uint64_t *hashes;
    const int64_t *values;
    int64_t mask; /* one less than the number of places, a power of two */
} dictionary;

static const uint64_t FNV_START = 0xCBF29CE484222325u, FNV_FACTOR = 0x100000001B3u;

INLINE uint64_t hash_from(uint64_t kind) { return (FNV_START ^ kind) * FNV_FACTOR; }
INLINE uint64_t hash_on(uint64_t hash, uint8_t byte) { return (hash ^ byte) * FNV_FACTOR; }

INLINE uint64_t hash_of(const page *from, span what, uint64_t kind) {
    uint64_t hash = hash_from(kind);
    for (int64_t at = what.begin; at < what.end; at++)
        hash = hash_on(hash, from->bytes[at]);
    return hash;
}

/* Return the value of a word, 0 for one that the table does not have. */
INLINE int64_t value_of(const dictionary *words, uint64_t hash) {
    for (uint64_t at = hash & (uint64_t)words->mask; words->hashes[at]; at = (at + 1) & (uint64_t)words->mask)
        if (words->hashes[at] == hash)
            return words->values[at];
    return 0;
}

#endif
