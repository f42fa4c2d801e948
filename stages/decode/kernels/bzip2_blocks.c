/*
 * Unpacks blocks of bzip2 in half the time that libbz2 takes, some at once: see `follow`. What it gives has the right
 * checksum; of whatever is unusual it says no more than that, and the caller leaves it to libbz2.
 */
#include <stdlib.h>
#include <string.h>

#include "stages/native/native.h"

enum {
    UNUSUAL = -1,
    SYMBOLS = 258, /* 256 bytes and two for runs, of which the first byte's place is one; the last one ends a block */
    TABLES = 6,
    SELECTORS = 18002, /* as many as a block of 900,000 symbols can use; more are read and have no meaning */
    GROUP = 50,        /* symbols that are decoded with one table */
    LONGEST = 20,      /* bits of a code */
    AT_ONCE = 4,       /* blocks; three megabytes and a half of memory each */
    LOOKUP = 11,       /* bits of a code that one look into a table decodes: nearly all of text */
};

/* Bits of a file, read from a place on; behind the last byte stand zeros, and `at` tells that it was passed. */
typedef struct {
    const uint8_t *bytes;
    int64_t size, at; /* in bytes; of the next one that is not held */
    uint64_t held;    /* the next bits, the first one on top */
    int count;        /* how many of them */
} reader;

INLINE void fill(reader *bits) {
    if (bits->at + 8 <= bits->size) {
        const uint8_t *const next = bits->bytes + bits->at;
        uint64_t word = 0;
        for (int byte = 0; byte < 8; byte++)
            word = word << 8 | next[byte]; /* one load for compilers */
        bits->held |= word >> bits->count;
        bits->at += (63 - bits->count) >> 3;
        bits->count |= 56;
        return;
    }
    while (bits->count <= 56) {
        const uint64_t byte = bits->at < bits->size ? bits->bytes[bits->at] : 0;
        bits->held |= byte << (56 - bits->count);
        bits->count += 8;
        bits->at++;
    }
}

INLINE void skip(reader *bits, int count) {
    bits->held <<= count;
    bits->count -= count;
}

/* Take up to 32 bits. */
INLINE uint32_t take(reader *bits, int count) {
    fill(bits);
    const uint32_t found = (uint32_t)(bits->held >> (64 - count));
    skip(bits, count);
    return found;
}

/* A code: by its first bits, its length and symbol; the longer ones by the first code of each length. */
typedef struct {
    uint16_t lookup[1 << LOOKUP]; /* symbol << 5 | length, 0 for codes that are longer or do not exist */
    uint32_t end[LONGEST + 2];    /* behind the last code of a length, its bits moved to the top of LONGEST */
    int32_t first[LONGEST + 2];   /* what to add to a code of a length for its place in `symbols` */
    uint16_t symbols[SYMBOLS];
} code;

static bool make_code(code *made, const uint8_t *lengths, int number) {
    int32_t counts[LONGEST + 2] = {0}, place = 0;
    uint32_t next = 0;
    memset(made->lookup, 0, sizeof made->lookup);
    for (int symbol = 0; symbol < number; symbol++)
        counts[lengths[symbol]]++;
    for (int length = 1; length <= LONGEST; length++) {
        made->first[length] = place - (int32_t)next;
        for (int symbol = 0; symbol < number; symbol++) {
            if (lengths[symbol] != length)
                continue;
            if (next >= 1u << length)
                return false; /* more codes than there are */
            made->symbols[place++] = (uint16_t)symbol;
            if (length <= LOOKUP) {
                const uint32_t begin = next << (LOOKUP - length), wide = 1u << (LOOKUP - length);
                for (uint32_t each = 0; each < wide; each++)
                    made->lookup[begin + each] = (uint16_t)(symbol << 5 | length);
            }
            next++;
        }
        made->end[length] = next << (LONGEST - length);
        next <<= 1;
    }
    return true;
}

/* Decode a symbol; UNUSUAL if there is no such code. */
INLINE int decode(const code *from, reader *bits) {
    const uint32_t ahead = (uint32_t)(bits->held >> (64 - LONGEST));
    const int known = from->lookup[ahead >> (LONGEST - LOOKUP)];
    if (known) {
        skip(bits, known & 31);
        return known >> 5;
    }
    for (int length = LOOKUP + 1; length <= LONGEST; length++)
        if (ahead < from->end[length]) {
            skip(bits, length);
            return from->symbols[from->first[length] + (int32_t)(ahead >> (LONGEST - length))];
        }
    return UNUSUAL;
}

typedef struct {
    code codes[TABLES];
    uint8_t selectors[SELECTORS];
    uint8_t bytes[256]; /* those that the block holds */
    int number, selected;
} tables;

static bool read_bytes(tables *read, reader *bits) {
    const uint32_t rows = take(bits, 16);
    read->number = 0;
    for (int row = 0; row < 16; row++) {
        const uint32_t used = rows & (0x8000u >> row) ? take(bits, 16) : 0;
        for (int column = 0; column < 16; column++)
            if (used & (0x8000u >> column))
                read->bytes[read->number++] = (uint8_t)(16 * row + column);
    }
    return read->number > 0;
}

static bool read_selectors(tables *read, reader *bits, int codes) {
    uint8_t order[TABLES];
    const int number = (int)take(bits, 15);
    for (int each = 0; each < codes; each++)
        order[each] = (uint8_t)each;
    for (int at = 0; at < number; at++) {
        int place = 0;
        while (take(bits, 1))
            if (++place >= codes)
                return false;
        const uint8_t chosen = order[place];
        memmove(order + 1, order, (size_t)place);
        order[0] = chosen;
        if (at < SELECTORS)
            read->selectors[at] = chosen;
    }
    read->selected = number < SELECTORS ? number : SELECTORS;
    return number > 0;
}

static bool read_codes(tables *read, reader *bits, int codes) {
    for (int each = 0; each < codes; each++) {
        uint8_t lengths[SYMBOLS];
        int length = (int)take(bits, 5);
        for (int symbol = 0; symbol < read->number + 2; symbol++) {
            if (length < 1 || length > LONGEST)
                return false;
            while (take(bits, 1)) {
                length += take(bits, 1) ? -1 : 1;
                if (length < 1 || length > LONGEST)
                    return false;
            }
            lengths[symbol] = (uint8_t)length;
        }
        if (!make_code(&read->codes[each], lengths, read->number + 2))
            return false;
    }
    return true;
}

/*
 * Decode the symbols of a block into its sorted bytes, each in the low bits of one of `sorted`, and count them; returns
 * how many there are.
 */
static int64_t read_sorted(tables *read, reader *bits, uint32_t *sorted, int64_t room, uint32_t *counts) {
    uint8_t order[256]; /* move to front */
    const int end = read->number + 1;
    int64_t size = 0, run = 0;
    int weight = 0; /* of the next symbol of a run, as a power of two */
    memcpy(order, read->bytes, sizeof order);
    for (int group = 0; group < read->selected; group++) {
        const code *const from = &read->codes[read->selectors[group]];
        for (int left = GROUP; left > 0; left--) {
            fill(bits);
            const int symbol = decode(from, bits);
            if (symbol >= 0 && symbol <= 1) {
                run += (int64_t)(symbol + 1) << weight++;
                if (run > room - size)
                    return UNUSUAL;
                continue;
            }
            if (run) {
                const uint8_t byte = order[0];
                counts[byte] += (uint32_t)run;
                for (; run > 0; run--)
                    sorted[size++] = byte;
                weight = 0;
            }
            if (symbol == end)
                return size;
            if (symbol < 0 || size >= room)
                return UNUSUAL;
            const int place = symbol - 1;
            const uint8_t byte = order[place];
            memmove(order + 1, order, (size_t)place);
            order[0] = byte;
            counts[byte]++;
            sorted[size++] = byte;
        }
        if (bits->at > bits->size + 16)
            return UNUSUAL;
    }
    return UNUSUAL;
}

/* A block whose sorted bytes are known, and what is to be made of it. */
typedef struct {
    uint32_t *sorted, counts[256], checksum, at;
    int64_t size; /* of its bytes before they were sorted; below 0 if it is not unpacked here */
    uint8_t *bytes;
} block;

/* Behind each byte, put the place of the one that followed it before they were sorted. */
static void link(block *made, uint32_t first) {
    uint32_t places[256], sum = 0;
    for (int byte = 0; byte < 256; byte++) {
        places[byte] = sum;
        sum += made->counts[byte];
    }
    for (int64_t at = 0; at < made->size; at++)
        made->sorted[places[made->sorted[at] & 0xff]++] |= (uint32_t)at << 8;
    made->at = made->sorted[first] >> 8;
}

INLINE void step(block *made, int64_t to) {
    const uint32_t here = made->sorted[made->at];
    made->bytes[to] = (uint8_t)here;
    made->at = here >> 8;
}

/*
 * Follow the links of all blocks at once: each leads to a place of memory that the processor does not hold, and it waits
 * for several at a time as long as for one, which is nearly all the time that unpacking takes.
 */
static void follow(block *blocks, int64_t number) {
    int64_t done = 0;
    for (int64_t left = number; left > 0;) {
        block *open[AT_ONCE];
        int64_t shortest = INT64_MAX;
        left = 0;
        for (int64_t each = 0; each < number; each++)
            if (blocks[each].size > done) {
                open[left++] = &blocks[each];
                shortest = blocks[each].size < shortest ? blocks[each].size : shortest;
            }
        if (left == AT_ONCE) /* so that compilers hold all places in registers */
            for (; done < shortest; done++)
                for (int each = 0; each < AT_ONCE; each++)
                    step(open[each], done);
        else
            for (; left && done < shortest; done++)
                for (int64_t each = 0; each < left; each++)
                    step(open[each], done);
    }
}

/* Undo the runs that were shortened first of all: behind four equal bytes stands how many more there are. */
static int64_t lengthen(const uint8_t *bytes, int64_t size, uint8_t *out, int64_t room) {
    int64_t given = 0;
    int equal = 0;
    for (int64_t at = 0; at < size; at++) {
        if (equal == 4) {
            if (bytes[at] > room - given)
                return UNUSUAL;
            memset(out + given, bytes[at - 1], bytes[at]);
            given += bytes[at];
            equal = 0;
            continue;
        }
        if (given >= room)
            return UNUSUAL;
        equal = equal && bytes[at] == bytes[at - 1] ? equal + 1 : 1;
        out[given++] = bytes[at];
    }
    return given;
}

static uint32_t checksum(const uint8_t *bytes, int64_t size) {
    uint32_t table[4][256], sum = UINT32_MAX;
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t each = byte << 24;
        for (int bit = 0; bit < 8; bit++)
            each = each << 1 ^ (each >> 31 ? UINT32_C(0x04c11db7) : 0);
        table[0][byte] = each;
    }
    for (int more = 1; more < 4; more++)
        for (int byte = 0; byte < 256; byte++)
            table[more][byte] = table[more - 1][byte] << 8 ^ table[0][table[more - 1][byte] >> 24];
    for (; size >= 4; bytes += 4, size -= 4) {
        sum ^= (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
        sum = table[3][sum >> 24] ^ table[2][sum >> 16 & 0xff] ^ table[1][sum >> 8 & 0xff] ^ table[0][sum & 0xff];
    }
    for (; size > 0; bytes++, size--)
        sum = sum << 8 ^ table[0][sum >> 24 ^ *bytes];
    return ~sum;
}

/* Read a block up to its sorted bytes; its size stays below 0 if anything is unusual. */
static void read_block(tables *read, reader *bits, int64_t end, int64_t largest, block *made) {
    made->checksum = take(bits, 32);
    const uint32_t is_shuffled = take(bits, 1), first = take(bits, 24);
    if (is_shuffled || !read_bytes(read, bits))
        return;
    const int codes = (int)take(bits, 3);
    if (codes < 2 || codes > TABLES || !read_selectors(read, bits, codes) || !read_codes(read, bits, codes))
        return;
    const int64_t size = read_sorted(read, bits, made->sorted, largest, made->counts);
    if (size < 1 || first >= size || 8 * bits->at - bits->count != end)
        return;
    made->size = size;
    link(made, first);
}

/*
 * Unpack up to AT_ONCE blocks, each between two bits of a file, the first one that of its checksum: `sizes` becomes how
 * many bytes each gave, which lie `room` apart in `out`, or UNUSUAL. `largest` is what each holds at most before its runs
 * are lengthened.
 */
EXPORT int64_t bzip2_blocks(
    const uint8_t *bytes, int64_t size, const int64_t *begins, const int64_t *ends, const int64_t *largest,
    int64_t number, uint8_t *out, int64_t room, int64_t *sizes) {
    block blocks[AT_ONCE];
    tables *const read = malloc(sizeof *read);
    bool have_all = read != NULL && number <= AT_ONCE;
    memset(blocks, 0, sizeof blocks);
    for (int64_t each = 0; each < number && have_all; each++) {
        block *const made = &blocks[each];
        made->sorted = malloc((size_t)largest[each] * sizeof *made->sorted);
        made->bytes = malloc((size_t)largest[each]);
        made->size = UNUSUAL;
        have_all = made->sorted != NULL && made->bytes != NULL;
        reader bits = {bytes, size, begins[each] / 8, 0, 0};
        fill(&bits);
        skip(&bits, (int)(begins[each] % 8));
        if (have_all)
            read_block(read, &bits, ends[each], largest[each], made);
    }
    if (have_all)
        follow(blocks, number);
    for (int64_t each = 0; each < number && have_all; each++) {
        const block *const made = &blocks[each];
        uint8_t *const to = out + each * room;
        sizes[each] = made->size < 0 ? UNUSUAL : lengthen(made->bytes, made->size, to, room);
        if (sizes[each] >= 0 && checksum(to, sizes[each]) != made->checksum)
            sizes[each] = UNUSUAL;
    }
    for (int each = 0; each < AT_ONCE; each++) {
        free(blocks[each].sorted);
        free(blocks[each].bytes);
    }
    free(read);
    return have_all ? number : NO_MEMORY;
}
