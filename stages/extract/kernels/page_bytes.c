/* Make a page ready for the parser, and count its players: one pass each over its bytes, which are UTF-8. */
#include <string.h>

#include "stages/native/native.h"

/* A control character that XML has no place for; without branches, so that many are looked at at once. */
INLINE uint8_t is_control(uint8_t byte) {
    return (uint8_t)((byte < ' ') & (byte != '\t') & (byte != '\n') & (byte != '\r'));
}

/* Copy a page without control characters; return its length. Hardly any page has one. */
static int64_t without_controls(const uint8_t *page, int64_t length, uint8_t *to) {
    uint8_t has = 0;
    for (int64_t at = 0; at < length; at++)
        has |= is_control(page[at]);
    if (!has) {
        memcpy(to, page, (size_t)length);
        return length;
    }
    int64_t kept = 0;
    for (int64_t at = 0; at < length; at++)
        if (!is_control(page[at]))
            to[kept++] = page[at];
    return kept;
}

/* Return true if a text stands at a place of a page, which may lie before or beyond it. */
static bool is_at(const uint8_t *page, int64_t length, int64_t at, const char *text) {
    int64_t size = (int64_t)strlen(text);
    return at >= 0 && at <= length - size && !memcmp(page + at, text, (size_t)size);
}

/* Return the end of a tag that ends a page and begins at a place, in large letters or small; that place for none. */
static int64_t end_of_page_end(const uint8_t *page, int64_t length, int64_t begin) {
    static const char name[] = "html";
    int64_t at = begin + 2;
    if (at + 4 >= length || page[begin + 1] != '/')
        return begin;
    for (int letter = 0; letter < 4; letter++, at++)
        if ((page[at] | 0x20) != name[letter])
            return begin;
    while (at < length && (page[at] == ' ' || (page[at] >= '\t' && page[at] <= '\r')))
        at++;
    return at < length && page[at] == '>' ? at + 1 : begin;
}

/* Count the addresses of players of two services; each has one point. */
static int64_t addresses_of_players(const uint8_t *page, int64_t length) {
    int64_t found = 0;
    const uint8_t *end = page + length;
    for (const uint8_t *point = page; point < end && (point = memchr(point, '.', (size_t)(end - point))); point++) {
        int64_t at = point - page;
        found += is_at(page, length, at - 7, "youtube.com/embed") || is_at(page, length, at - 6, "player.vimeo");
    }
    return found;
}

/* Write a page without control characters and without the tags that end it, below which browsers read on; return its
 * length. `players` becomes the number of its players. */
EXPORT int64_t page_bytes(const uint8_t *page, int64_t length, uint8_t *to, int64_t *players) {
    length = without_controls(page, length, to);
    *players = addresses_of_players(to, length);
    int64_t kept = 0, from = 0;
    for (int64_t at = 0; at < length; at++) {
        const uint8_t *tag = memchr(to + at, '<', (size_t)(length - at));
        if (!tag)
            break;
        at = tag - to;
        *players += is_at(to, length, at, "<video") || is_at(to, length, at, "<audio");
        int64_t end = end_of_page_end(to, length, at);
        if (end > at) {
            memmove(to + kept, to + from, (size_t)(at - from));
            kept += at - from;
            from = end;
            at = end - 1;
        }
    }
    memmove(to + kept, to + from, (size_t)(length - from));
    return kept + length - from;
}
