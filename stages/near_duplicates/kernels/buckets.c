/* LSH buckets: candidate pairs of parts that share one. An entry is bucket << 32 | part. */
#include <stdlib.h>
#include <string.h>

#include "stages/native/native.h"

#define PART INT64_C(0xFFFFFFFF) /* the low half of an entry */
/* A part that joins a full bucket is compared with the first so many of it only: work stays linear in the bucket. */
#define FEW 8

/* Fill `entries` with the buckets of units, which are those of their classes, and with their parts, `owners`. */
EXPORT int64_t buckets_entries(
    const int32_t *buckets, const int64_t *class_of, const int64_t *owners, int64_t count, int64_t *entries) {
    for (int64_t n = 0; n < count; n++)
        entries[n] = (int64_t)((uint64_t)(int64_t)buckets[class_of[n]] << 32) | owners[n];
    return 0;
}

/* Note in a table, by two bits for each slot, if no unit has it, one (1), or several (3). */
static void note_buckets(const int32_t *buckets, int64_t count, uint64_t *table, int64_t slots) {
    for (int64_t n = 0; n < count; n++) {
        const uint64_t slot = (uint32_t)buckets[n] & (uint64_t)(slots - 1), one = UINT64_C(1) << (2 * slot & 63);
        uint64_t *const at = table + (slot >> 5);
        *at |= one | (*at & one) << 1;
    }
}

/* Move each value of some that rise to the front once; return how many there are. */
EXPORT int64_t buckets_once(int64_t *rising, int64_t count) {
    int64_t n = 0;
    for (int64_t at = 0; at < count; at++) {
        const int64_t value = rising[at];
        rising[n] = value;
        n += at + 1 == count || rising[at + 1] != value;
    }
    return n;
}

/* Which buckets some entries are in: a bit for each range of 2^shift buckets, from `first` on, up to `last`. */
typedef struct {
    uint64_t *bits; /* NULL if there is no memory */
    int64_t first, last;
    int shift;
} marks;

/* Of 16 bits one is set: so few of the buckets without an entry are taken for others that to look again costs little. */
#define BITS_AN_ENTRY 16

/* Mark the buckets of some entries, one at least, that rise. */
static marks marked(const int64_t *entries, int64_t count) {
    marks found = {NULL, entries[0] >> 32, entries[count - 1] >> 32, 0};
    while ((found.last - found.first) >> found.shift >= BITS_AN_ENTRY * count)
        found.shift++;
    found.bits = calloc((size_t)(((found.last - found.first) >> found.shift) / 64 + 1), sizeof *found.bits);
    for (int64_t at = 0; found.bits != NULL && at < count; at++) {
        const int64_t bit = ((entries[at] >> 32) - found.first) >> found.shift;
        found.bits[bit >> 6] |= UINT64_C(1) << (bit & 63);
    }
    return found;
}

/* Return the place of the first of some rising entries that is not before a bucket. */
static int64_t place_of(int64_t bucket, const int64_t *entries, int64_t count) {
    int64_t low = 0, high = count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (entries[middle] >> 32 < bucket)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Parts of a block that may be in a bucket of others; looked at by so many at a time. */
#define HITS 1024

/* Note the places from `from` to `end` in a block whose buckets are marked; return how many. Jumps nowhere. */
static int64_t note_hits(const int64_t *block, int64_t from, int64_t end, marks known, int64_t *hits) {
    int64_t n = 0;
    for (int64_t at = from; at < end; at++) {
        const int64_t bit = ((block[at] >> 32) - known.first) >> known.shift;
        hits[n] = at;
        n += (int64_t)(known.bits[bit >> 6] >> (bit & 63) & 1);
    }
    return n;
}

/*
 * Find the parts of `block` in the buckets of `entries` (both rising): place of the bucket's first entry, and part.
 *
 * Of each bucket only the first `most` parts. Returns how many; there are at most as many as parts in the block. Most
 * buckets of the one are not among those of the other, so a bitmap is asked first: five nanoseconds a part without it.
 */
EXPORT int64_t buckets_mates(
    const int64_t *entries, int64_t count, const int64_t *block, int64_t size, int64_t most, int64_t *places,
    int64_t *parts) {
    if (count == 0 || size == 0)
        return 0;
    int64_t at = place_of(block[0] >> 32, entries, count), n = 0, begin = 0;
    count = place_of((block[size - 1] >> 32) + 1, entries, count);
    if (at == count)
        return 0;
    const marks known = marked(entries + at, count - at);
    if (known.bits == NULL)
        return NO_MEMORY;
    const int64_t end = place_of(known.last + 1, block, size);
    int64_t hits[HITS];
    for (int64_t from = place_of(known.first, block, size); from < end; from += HITS) {
        const int64_t found = note_hits(block, from, from + HITS < end ? from + HITS : end, known, hits);
        for (int64_t hit = 0; hit < found; hit++) {
            const int64_t other = block[hits[hit]];
            while (entries[at] >> 32 < other >> 32) /* the last one is not before it */
                at++;
            if (n > begin && places[n - 1] != at)
                begin = n;
            if (entries[at] >> 32 == other >> 32 && n - begin < most) {
                places[n] = at;
                parts[n++] = other & PART;
            }
        }
    }
    free(known.bits);
    return n;
}

/* Merge two runs of entries that rise. Which comes next is a matter of chance, so nothing is guessed. */
static void merge_two(const int64_t *a, const int64_t *a_end, const int64_t *b, const int64_t *b_end, int64_t *to) {
    while (a < a_end && b < b_end) {
        const int64_t one = *a, other = *b;
        const bool second = other < one;
        *to++ = second ? other : one;
        a += !second;
        b += second;
    }
    memcpy(to, a, (size_t)(a_end - a) * sizeof *to);
    memcpy(to + (a_end - a), b, (size_t)(b_end - b) * sizeof *to);
}

/* Move to `to` the first `most` entries of each bucket of some that rise; return how many. */
static int64_t cut_buckets(const int64_t *entries, int64_t count, int64_t most, int64_t *to) {
    int64_t n = 0, before = 0;
    for (int64_t at = 0; at < count; at++) {
        before = at > 0 && entries[at] >> 32 == entries[at - 1] >> 32 ? before + 1 : 0;
        to[n] = entries[at];
        n += before < most;
    }
    return n;
}

/*
 * Merge runs of entries that rise, of each bucket the first `most`; return how many they are, from `entries` on.
 *
 * The runs begin at `first`, which is written over; behind the last one it has their end. `room` is as large as they.
 */
EXPORT int64_t buckets_merge(int64_t *entries, int64_t *first, int64_t runs, int64_t most, int64_t *room) {
    const int64_t count = first[runs];
    int64_t *from = entries, *to = room;
    for (; runs > 1; runs = (runs + 1) / 2) {
        for (int64_t run = 0; run < runs; run += 2) {
            const int64_t middle = first[run + 1], end = run + 1 < runs ? first[run + 2] : middle;
            merge_two(from + first[run], from + middle, from + middle, from + end, to + first[run]);
            first[run / 2] = first[run];
        }
        first[(runs + 1) / 2] = count;
        int64_t *const other = from;
        from = to;
        to = other;
    }
    return cut_buckets(from, count, most, entries);
}

/* Pairs that were found, and the last pair met of each of 2^bits slots, 0 for none. */
typedef struct {
    int64_t *pairs; /* NULL if there is no memory */
    int64_t count, room;
    int64_t *met, bits;
} findings;

/* Make room for so many more pairs; return false if there is no memory. */
static bool reserve(findings *found, int64_t more) {
    if (found->count + more <= found->room)
        return true;
    const int64_t room = 2 * found->room + more;
    int64_t *const pairs = realloc(found->pairs, (size_t)room * sizeof *pairs);
    if (pairs == NULL)
        return false;
    found->pairs = pairs;
    found->room = room;
    return true;
}

/* Note a pair that was not met lately: no pair is left out that was not met before. */
INLINE void note_pair(int64_t pair, findings *found) {
    int64_t *const slot = found->met + ((uint64_t)pair * UINT64_C(0x9E3779B97F4A7C15) >> (64 - found->bits));
    found->pairs[found->count] = pair;
    found->count += *slot != pair;
    *slot = pair;
}

/* Return how many of the `before` parts that were in a bucket first a part is compared with. */
INLINE int64_t compared(int64_t before, int64_t cap) { return before < cap ? before : cap < FEW ? cap : FEW; }

/* Pair the parts of a bucket: of `known` ones that were in it before, and of `count` entries; false without memory. */
static bool pair_bucket(
    const int64_t *known, int64_t known_count, const int64_t *entries, int64_t count, int64_t base, int64_t cap,
    findings *found) {
    for (int64_t at = 0; at < count; at++) {
        const int64_t later = base + (entries[at] & PART), few = compared(known_count + at, cap);
        if (!reserve(found, few))
            return false;
        for (int64_t k = 0; k < few; k++)
            note_pair((k < known_count ? known[k] : base + (entries[k - known_count] & PART)) << 32 | later, found);
    }
    return true;
}

/* Return the place of the next bucket, from one on, with two entries or more, or that with known parts; else the end. */
INLINE int64_t next_bucket(const int64_t *entries, int64_t at, int64_t count, int64_t known) {
    const int64_t end = known < count - 1 ? known : count - 1;
    while (at < end && entries[at] >> 32 != entries[at + 1] >> 32)
        at++;
    return at < end || at == known ? at : count;
}

/*
 * Find the pairs of parts that share a bucket, but for those met lately; return their number, and leave them in `pairs`.
 *
 * See buckets.py. `met` has 2^bits slots. Most buckets have one entry, and nobody was in them before.
 */
EXPORT int64_t buckets_pairs(
    const int64_t *entries, int64_t count, const int64_t *places, const int64_t *parts, int64_t known, int64_t base,
    int64_t cap, int64_t *met, int64_t bits, int64_t **pairs) {
    findings found = {NULL, 0, 0, met, bits};
    bool fits = reserve(&found, 1);
    int64_t at = 0, hit = 0;
    while (fits && (at = next_bucket(entries, at, count, hit < known ? places[hit] : count)) < count) {
        int64_t end = at + 1, hits = 0;
        while (end < count && entries[end] >> 32 == entries[at] >> 32)
            end++;
        while (hit + hits < known && places[hit + hits] == at)
            hits++;
        fits = pair_bucket(parts + hit, hits, entries + at, end - at, base, cap, &found);
        hit += hits;
        at = end;
    }
    if (!fits) {
        free(found.pairs);
        return NO_MEMORY;
    }
    *pairs = found.pairs;
    return found.count;
}

/* Classes of units that are alike (unit_classes.c): they share all buckets. */
typedef struct {
    const int64_t *first, *owners; /* where the units of each begin, and the end; their parts, rising within a class */
    int64_t count;
    uint8_t *paired; /* 1 for classes whose own parts are paired already */
} classes;

/* Room for the classes of a band: a table of how many are in each slot (`note_buckets`); the classes that share one, and for
   each the one before it in its place; for each place the last one in it, from 1 on, and how many units are in it. */
typedef struct {
    uint64_t *table;
    int64_t slots;
    int32_t *listed, *before, *linked, *last, *units;
    int64_t linked_count, mask;
} sharing;

/* What is found in some bands: the last pair of classes met in each slot; pairs; entries of buckets that may be over the cap. */
typedef struct {
    findings pairs, crowded;
} shared;

/* Return the place of a bucket. */
INLINE int64_t place_in(int32_t bucket, const sharing *room) {
    return (int64_t)((uint32_t)bucket * UINT32_C(0x9E3779B1) >> 7) & room->mask;
}

/* Return how many units a class has. */
INLINE int64_t size_of(const classes *all, int64_t number) { return all->first[number + 1] - all->first[number]; }

/* List the classes that share their bucket or are not paired yet, and a few more; return how many. */
static int64_t list_shared(const int32_t *buckets, const classes *all, const sharing *room) {
    int64_t kept = 0;
    for (int64_t n = 0; n < all->count; n++) {
        const uint64_t slot = (uint32_t)buckets[n] & (uint64_t)(room->slots - 1);
        room->listed[kept] = (int32_t)n;
        kept += (int64_t)(room->table[slot >> 5] >> (2 * slot & 63) >> 1 & 1) | !all->paired[n];
    }
    return kept;
}

/*
 * Link the classes of each place, and count their units; return the most that a place has. Lists classes that are linked to
 * others, or not paired yet. Nothing is guessed: which bucket has which class is a matter of chance.
 */
static int32_t link_classes(const int32_t *buckets, const classes *all, int64_t count, sharing *room) {
    int32_t most = 0;
    room->mask = 63;
    while (room->mask < 2 * count)
        room->mask = 2 * room->mask + 1;
    memset(room->last, 0, (size_t)(room->mask + 1) * sizeof *room->last);
    memset(room->units, 0, (size_t)(room->mask + 1) * sizeof *room->units);
    room->linked_count = 0;
    for (int64_t n = 0; n < count; n++) {
        const int64_t number = room->listed[n], place = place_in(buckets[number], room);
        const int32_t before = room->last[place], units = room->units[place] + (int32_t)size_of(all, number);
        room->before[n] = before;
        room->last[place] = (int32_t)n + 1;
        room->units[place] = units;
        most = units > most ? units : most;
        room->linked[room->linked_count] = (int32_t)n;
        room->linked_count += (before > 0) | !all->paired[number];
    }
    return most;
}

/* Pair each part of a class with each of another, or of the same; return false if there is no memory. */
static bool pair_classes(const classes *all, int64_t one, int64_t other, findings *found) {
    if (!reserve(found, size_of(all, one) * size_of(all, other)))
        return false;
    for (int64_t i = all->first[one]; i < all->first[one + 1]; i++)
        for (int64_t j = all->first[other]; j < all->first[other + 1]; j++) {
            const int64_t a = all->owners[i], b = all->owners[j];
            found->pairs[found->count] = a < b ? a << 32 | b : b << 32 | a;
            found->count += one == other ? a < b : a != b;
        }
    return true;
}

/* Return true if a pair of classes was not met lately, and note it. */
INLINE bool is_new_pair(int64_t pair, findings *found) {
    int64_t *const slot = found->met + ((uint64_t)pair * UINT64_C(0x9E3779B97F4A7C15) >> (64 - found->bits));
    const bool is_new = *slot != pair;
    *slot = pair;
    return is_new;
}

/* Pair the parts of class n of those listed, and with those of the classes before it in its bucket; false without memory. */
static bool pair_listed(const int32_t *buckets, const classes *all, int64_t n, const sharing *room, findings *found) {
    const int64_t number = room->listed[n];
    bool fits = all->paired[number] || pair_classes(all, number, number, found);
    all->paired[number] = 1;
    for (int64_t m = room->before[n]; m > 0 && fits; m = room->before[m - 1]) {
        const int64_t other = room->listed[m - 1];
        if (buckets[other] == buckets[number] && is_new_pair(other << 32 | number, found))
            fits = pair_classes(all, other, number, found);
    }
    return fits;
}

/* Add the entries of a class to those of crowded buckets; return false if there is no memory. */
static bool add_crowded(int32_t bucket, const classes *all, int64_t number, findings *crowded) {
    if (!reserve(crowded, size_of(all, number)))
        return false;
    for (int64_t at = all->first[number]; at < all->first[number + 1]; at++)
        crowded->pairs[crowded->count++] = (int64_t)((uint64_t)(int64_t)bucket << 32) | all->owners[at];
    return true;
}

/* Return true if more than `cap` units may be in the bucket of class n of those listed. */
INLINE bool is_crowded(const int32_t *buckets, int64_t n, int64_t cap, const sharing *room) {
    return room->units[place_in(buckets[room->listed[n]], room)] > cap;
}

/* Pair the parts of the classes of a band that share a bucket of at most `cap` units; return false if there is no memory. */
static bool pair_band(const int32_t *buckets, const classes *all, int64_t cap, sharing *room, shared *found) {
    memset(room->table, 0, (size_t)room->slots / 32 * sizeof *room->table);
    note_buckets(buckets, all->count, room->table, room->slots);
    const int64_t count = list_shared(buckets, all, room);
    const bool crowded = link_classes(buckets, all, count, room) > cap;
    bool fits = true;
    for (int64_t at = 0; at < room->linked_count && fits; at++)
        if (!crowded || !is_crowded(buckets, room->linked[at], cap, room))
            fits = pair_listed(buckets, all, room->linked[at], room, &found->pairs);
    for (int64_t n = 0; n < count && fits && crowded; n++)
        if (is_crowded(buckets, n, cap, room))
            fits = add_crowded(buckets[room->listed[n]], all, room->listed[n], &found->crowded);
    return fits;
}

/*
 * Find the pairs of parts whose units share a bucket of at most `cap` units in one of some bands; return their number, and
 * leave them in `pairs`, and in `crowded` the entries of all other buckets that units share, those of each band from
 * `crowded_first` on.
 *
 * A row of `buckets` for each band has the bucket of each class of units. `met` has 2^bits slots; `table` has two bits for
 * each of `slots`, `lists` three numbers for each class and `places` two for each of `place_count`, more than twice the
 * number of classes. Classes that are alone in their bucket, seven of eight, are left out at once.
 */
EXPORT int64_t buckets_class_pairs(
    const int32_t *buckets, int64_t bands, const int64_t *first, const int64_t *owners, int64_t count, int64_t cap,
    uint8_t *paired, int64_t *met, int64_t bits, uint64_t *table, int64_t slots, int32_t *lists, int32_t *places,
    int64_t place_count, int64_t *crowded_first, int64_t **pairs, int64_t **crowded) {
    const classes all = {first, owners, count, paired};
    shared found = {{.met = met, .bits = bits}, {.bits = bits}};
    sharing room = {
        .table = table, .slots = slots, .listed = lists, .before = lists + count, .linked = lists + 2 * count,
        .last = places, .units = places + place_count};
    bool fits = reserve(&found.pairs, 1) && reserve(&found.crowded, 1);
    for (int64_t band = 0; band < bands && fits; band++) {
        crowded_first[band] = found.crowded.count;
        fits = pair_band(buckets + band * count, &all, cap, &room, &found);
    }
    if (!fits) {
        free(found.pairs.pairs);
        free(found.crowded.pairs);
        return NO_MEMORY;
    }
    crowded_first[bands] = found.crowded.count;
    *pairs = found.pairs.pairs;
    *crowded = found.crowded.pairs;
    return found.pairs.count;
}
