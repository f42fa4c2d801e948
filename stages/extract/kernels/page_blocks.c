/* Read a page into blocks: `stages/extract/blocks.py` says what a block is, and which elements begin one. */
#include "page_scan.h"

/* What reading does at an element, in the low bits of its value; the bits above are its evidence. */
enum kind { WITHIN_A_LINE, BOX, LINK, BOLD, LINE_BREAK, CELL, UNREAD, BARE_BOX };
enum { KIND_BITS = 3 };

/* What an attribute says: by its words, by its style, by being there, by being "true". */
enum telling { TELLS_NOTHING, BY_WORDS, BY_STYLE, BY_ITSELF, BY_TRUTH };

/* Kinds of words in the dictionary. */
enum { TAGS = 1, ATTRIBUTES, WORDS };

enum { LONG_CELL = 200 /* characters; a longer cell is a text of its own, and its row sets out the page */ };
enum { BREAK = 0x1E /* a line break of the page, until white space is put in order */ };

typedef struct { /* what is found: a number or a place in the page of each box, then of each block */
    int64_t *parent, *depth, *first, *last, *of_box, *tag, *class, *tag_begin, *tag_end, *class_begin, *class_end;
    int64_t *text_end, *box, *linked, *links, *bold, *of_block;
    uint8_t *text;
} output;

typedef struct {
    page from;
    const dictionary *words;
    int64_t unseen, article_body; /* bits of evidence */
    output *to;
    int64_t boxes, blocks, open; /* `open` is the innermost box that is open, -1 for none */
    int64_t written;             /* bytes of text */
    /* the block that is being read */
    int64_t linked, links, bold, evidence, breaks, chars;
    bool is_solid, is_pre, in_line, after_break, after_space;
    int64_t links_open, bold_open;
} reader;

static void forget(reader *of) {
    of->linked = of->links = of->bold = of->evidence = of->breaks = of->chars = 0;
    of->is_solid = of->in_line = of->after_break = of->after_space = false;
}

/* End the block that is being read. */
static void flush(reader *of) {
    int64_t begin = of->blocks ? of->to->text_end[of->blocks - 1] : 0;
    if (of->is_solid && of->open >= 0 && of->written > begin) {
        int64_t at = of->blocks++;
        of->to->text_end[at] = of->written;
        of->to->box[at] = of->open;
        of->to->linked[at] = of->linked;
        of->to->links[at] = of->links;
        of->to->bold[at] = of->bold;
        of->to->of_block[at] = of->evidence;
    } else {
        of->written = begin;
    }
    forget(of);
}

/* Put the white space of a block in order while it is read: single spaces, a line break where the page has one. */
static void add_character(reader *of, const page *from, const character *what) {
    if (what->code == BREAK || (of->is_pre && what->code == '\n')) {
        of->after_break |= of->in_line;
        of->in_line = of->after_space = false;
    } else if (is_space(what->code)) {
        of->after_space |= of->in_line;
    } else {
        if (of->after_break)
            of->to->text[of->written++] = '\n';
        else if (of->after_space)
            of->to->text[of->written++] = ' ';
        of->after_break = of->after_space = false;
        of->in_line = true;
        of->written += write_character(of->to->text + of->written, from, what);
    }
}

/* Add one text of the page, of one piece or several that stand side by side. */
static void add_text(reader *of, const token *text, int64_t *chars, bool *is_solid) {
    for (int64_t at = text->span.begin; at < text->span.end;) {
        character what = read_character(&of->from, at, text->span.end, text->is_plain);
        add_character(of, &of->from, &what);
        *is_solid |= !is_space(what.code);
        *chars += 1;
        at = what.end;
    }
}

/* Count what was added since the last tag. */
static void count_text(reader *of, int64_t chars, bool is_solid) {
    of->chars += chars;
    if (!is_solid)
        return;
    of->is_solid = true;
    of->breaks = 0;
    of->linked += of->links_open ? chars : 0;
    of->bold += of->bold_open ? chars : 0;
}

static void line_break(reader *of) {
    if (++of->breaks > 1) {
        flush(of); /* a blank line ends a paragraph */
        return;
    }
    character what = {.code = BREAK};
    add_character(of, &of->from, &what);
    of->chars++;
}

static void open_cell(reader *of) {
    static const page between = {.bytes = (const uint8_t *)" | ", .length = 3};
    if (!of->is_solid)
        return;
    for (int64_t at = 0; at < between.length; at++) {
        character what = {.code = between.bytes[at], .begin = at, .end = at + 1};
        add_character(of, &between, &what);
        of->chars++;
    }
}

INLINE bool is_upper(uint8_t byte) { return byte >= 'A' && byte <= 'Z'; }
INLINE bool is_lower(uint8_t byte) { return byte >= 'a' && byte <= 'z'; }

/* Collect what the words of a name say: runs of small letters with a capital before them, or of capitals. No name of a
 * reference ("&amp;") is a word that says something. */
static int64_t evidence_of_words(const reader *of, span name) {
    const uint8_t *bytes = of->from.bytes;
    int64_t found = 0;
    for (int64_t at = name.begin; at < name.end;) {
        int64_t begin = at;
        uint64_t hash = hash_from(WORDS);
        while (at < name.end && is_upper(bytes[at]))
            at++;
        if (at < name.end && is_lower(bytes[at]) && at - begin > 1)
            at--; /* the last capital begins a word */
        else
            while (at < name.end && is_lower(bytes[at]))
                at++;
        for (int64_t letter = begin; letter < at; letter++)
            hash = hash_on(hash, bytes[letter] | 32);
        if (at > begin)
            found |= value_of(of->words, hash);
        else
            at++;
    }
    return found;
}

/* Return where a word ends that stands at a place, whatever the case of its letters; -1 where another stands there. */
static int64_t behind_word(const page *from, int64_t at, int64_t end, const char *word) {
    for (; *word; word++, at++)
        if (at >= end || (from->bytes[at] | 32) != *word)
            return -1;
    return at;
}

static int64_t behind_space(const page *from, int64_t at, int64_t end) {
    while (at < end) {
        character next = read_character(from, at, end, false);
        if (!is_space(next.code))
            break;
        at = next.end;
    }
    return at;
}

static bool is_declared(const page *from, int64_t at, int64_t end, const char *name, const char *value) {
    at = behind_word(from, at, end, name);
    if (at < 0)
        return false;
    at = behind_space(from, at, end);
    return at < end && from->bytes[at] == ':' && behind_word(from, behind_space(from, at + 1, end), end, value) >= 0;
}

/* Tell if a style hides its element. */
static bool hides(const page *from, span style) {
    for (int64_t at = style.begin; at < style.end; at++)
        if (is_declared(from, at, style.end, "display", "none")
            || is_declared(from, at, style.end, "visibility", "hidden"))
            return true;
    return false;
}

static bool is_text(const page *from, span what, const char *text) {
    return size_of(what) == (int64_t)strlen(text) && begins_with(from, what.begin, text);
}

static int64_t evidence_of_attribute(const reader *of, const attribute *some) {
    switch (value_of(of->words, hash_of(&of->from, some->name, ATTRIBUTES))) {
    case BY_WORDS:
        return evidence_of_words(of, some->value) | (is_text(&of->from, some->value, "articleBody") ? of->article_body : 0);
    case BY_STYLE:
        return hides(&of->from, some->value) ? of->unseen : 0;
    case BY_ITSELF:
        return of->unseen;
    case BY_TRUTH:
        return is_text(&of->from, some->value, "true") ? of->unseen : 0;
    default:
        return 0;
    }
}

/* Read the attributes of an element: what they say of it, its class, and if it is one of the kind sought. */
static int64_t read_attributes(const reader *of, const token *start, span *class, bool *is_shown) {
    int64_t found = 0, at = start->inside;
    for (attribute some; next_attribute(&of->from, &at, &some);) {
        found |= evidence_of_attribute(of, &some);
        if (is_text(&of->from, some.name, "class"))
            *class = some.value;
        *is_shown |= is_text(&of->from, some.name, "shadowrootmode") && size_of(some.value);
    }
    return found;
}

static void open_box(reader *of, const token *start, int64_t evidence, span class) {
    flush(of);
    int64_t at = of->boxes++;
    output *to = of->to;
    to->parent[at] = of->open;
    to->depth[at] = of->open < 0 ? 1 : to->depth[of->open] + 1;
    to->first[at] = of->blocks;
    to->last[at] = -1;
    to->of_box[at] = evidence;
    to->tag[at] = (int64_t)hash_of(&of->from, start->span, 0);
    to->class[at] = (int64_t)hash_of(&of->from, class, 0);
    to->tag_begin[at] = start->span.begin;
    to->tag_end[at] = start->span.end;
    to->class_begin[at] = class.begin;
    to->class_end[at] = class.end;
    of->open = at;
    of->is_pre = is_text(&of->from, start->span, "pre");
}

static void close_box(reader *of) {
    flush(of);
    if (of->open < 0)
        return;
    of->to->last[of->open] = of->blocks;
    of->open = of->to->parent[of->open];
    if (of->open >= 0) {
        span tag = {of->to->tag_begin[of->open], of->to->tag_end[of->open]};
        of->is_pre = is_text(&of->from, tag, "pre");
    }
}

static void end_element(reader *of, int64_t kind) {
    if (kind == BOX || kind == BARE_BOX)
        close_box(of);
    else if (kind == LINK)
        of->links_open--;
    else if (kind == BOLD)
        of->bold_open--;
    else if (kind == CELL && of->chars > LONG_CELL)
        flush(of);
}

static void start_element(reader *of, const token *start, int64_t value) {
    int64_t kind = value & ((1 << KIND_BITS) - 1), evidence = value >> KIND_BITS;
    span class = {0, 0};
    bool is_shown = false;
    evidence |= read_attributes(of, start, &class, &is_shown);
    if (kind == UNREAD && !(is_shown && is_text(&of->from, start->span, "template"))) {
        skip_element(&of->from, start);
        return;
    }
    if (kind == BOX || kind == BARE_BOX) {
        open_box(of, start, kind == BARE_BOX ? 0 : evidence, class);
    } else {
        of->evidence |= evidence;
        if (kind == LINK) {
            of->links_open++;
            of->links++;
        } else if (kind == BOLD) {
            of->bold_open++;
        } else if (kind == LINE_BREAK) {
            line_break(of);
        } else if (kind == CELL) {
            open_cell(of);
        }
    }
    if (start->is_empty)
        end_element(of, kind);
}

/* Read the page; return the number of its boxes, and in `blocks` that of its blocks. Every array has a place for each
 * "<" of the page and one more; `text` has as many bytes as the page. */
EXPORT int64_t page_blocks(const uint8_t *bytes, int64_t length, const uint64_t *hashes, const int64_t *values,
                           int64_t places, int64_t unseen, int64_t article_body, int64_t *boxes, int64_t *blocks,
                           int64_t room, uint8_t *text, int64_t *found) {
    output to = {boxes, boxes + room, boxes + 2 * room, boxes + 3 * room, boxes + 4 * room, boxes + 5 * room,
                 boxes + 6 * room, boxes + 7 * room, boxes + 8 * room, boxes + 9 * room, boxes + 10 * room, blocks,
                 blocks + room, blocks + 2 * room, blocks + 3 * room, blocks + 4 * room, blocks + 5 * room, text};
    dictionary words = {hashes, values, places - 1};
    reader of = {.from = {bytes, 0, length}, .words = &words, .unseen = unseen, .article_body = article_body,
                 .to = &to, .open = -1};
    int64_t chars = 0;
    bool is_solid = false;
    for (token next = next_token(&of.from); next.event != DONE; next = next_token(&of.from)) {
        if (next.event == TEXT) {
            add_text(&of, &next, &chars, &is_solid);
            continue;
        }
        count_text(&of, chars, is_solid);
        chars = 0;
        is_solid = false;
        int64_t value = value_of(&words, hash_of(&of.from, next.span, TAGS));
        if (next.event == START)
            start_element(&of, &next, value);
        else
            end_element(&of, value & ((1 << KIND_BITS) - 1));
    }
    while (of.open >= 0)
        close_box(&of);
    found[0] = of.boxes;
    found[1] = of.blocks;
    return of.written;
}
