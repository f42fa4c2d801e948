/* Lay a page out as arrays: its elements in their order, what each is called, and where its text stands in the text of
 * the page without white space. */
#include "page_scan.h"

enum { NO_NAME = -1, TAGS = 1 };

typedef struct { /* of each element */
    int64_t *tag, *class, *id, *parent, *end, *text_begin, *text_end;
} elements;

typedef struct { /* the names that occur: where the first of each stands, and a table from hashes to numbers */
    int64_t *begin, *end;
    uint64_t *hashes;
    int64_t *numbers;
    int64_t mask, count;
} names;

/* Return the number of a name; the first of its kind adds it. */
static int64_t number_of_name(names *all, const page *from, span name) {
    uint64_t hash = hash_of(from, name, TAGS), at = hash & (uint64_t)all->mask;
    for (; all->hashes[at]; at = (at + 1) & (uint64_t)all->mask)
        if (all->hashes[at] == hash)
            return all->numbers[at];
    all->hashes[at] = hash;
    all->numbers[at] = all->count;
    all->begin[all->count] = name.begin;
    all->end[all->count] = name.end;
    return all->count++;
}

/* Write a text without white space; return how many characters that were. */
static int64_t add_text(const page *from, const token *text, uint8_t *to, int64_t *written) {
    int64_t chars = 0;
    for (int64_t at = text->span.begin; at < text->span.end;) {
        character what = read_character(from, at, text->span.end, text->is_plain);
        at = what.end;
        if (is_space(what.code))
            continue;
        *written += write_character(to + *written, from, &what);
        chars++;
    }
    return chars;
}

static bool is_called(const page *from, span name, const char *text) {
    return size_of(name) == (int64_t)strlen(text) && begins_with(from, name.begin, text);
}

/* Note an element and its names. */
static void add_element(const page *from, const token *start, elements *to, int64_t at, names *all) {
    to->tag[at] = number_of_name(all, from, start->span);
    to->class[at] = to->id[at] = NO_NAME;
    int64_t inside = start->inside;
    for (attribute some; next_attribute(from, &inside, &some);) {
        if (to->class[at] < 0 && is_called(from, some.name, "class"))
            to->class[at] = number_of_name(all, from, some.value);
        else if (to->id[at] < 0 && is_called(from, some.name, "id"))
            to->id[at] = number_of_name(all, from, some.value);
    }
}

/* Read the page; return how many bytes of text were written, and in `found` how many elements and names there are.
 *
 * `columns` has seven rows of `room` places, `places` two of three times as many; there is room for each "<" of the
 * page and one more. `hashes` and `numbers` have `slots` places, a power of two above that of names, and are zeros. */
EXPORT int64_t page_outline(const uint8_t *bytes, int64_t length, int64_t *columns, int64_t room, int64_t *places,
                            uint64_t *hashes, int64_t *numbers, int64_t slots, uint8_t *text, int64_t *found) {
    page from = {bytes, 0, length};
    elements to = {columns, columns + room, columns + 2 * room, columns + 3 * room, columns + 4 * room,
                   columns + 5 * room, columns + 6 * room};
    names all = {places, places + 3 * room, hashes, numbers, slots - 1, 0};
    int64_t count = 0, open = -1, chars = 0, written = 0;
    for (token next = next_token(&from); next.event != DONE; next = next_token(&from)) {
        if (next.event == TEXT) {
            chars += add_text(&from, &next, text, &written);
        } else if (next.event == START) {
            add_element(&from, &next, &to, count, &all);
            to.parent[count] = open;
            to.text_begin[count] = to.text_end[count] = chars;
            to.end[count] = count + 1;
            open = next.is_empty ? open : count;
            count++;
        } else if (open >= 0) {
            to.text_end[open] = chars;
            to.end[open] = count;
            open = to.parent[open];
        }
    }
    found[0] = count;
    found[1] = all.count;
    return written;
}
