/* LSH buckets: candidate pairs of parts that share one. An entry is bucket << 32 | part. */
#include "stages/native/native.h"

#define PART INT64_C(0xFFFFFFFF) /* the low half of an entry */
/* A part that joins a full bucket is compared with the first so many of it only: work stays linear in the bucket. */
#define FEW 8

/* Fill `entries` with the buckets of the units that are `chosen`, and with their parts, `owners`. */
EXPORT int64_t buckets_entries(
    const int32_t *buckets, const int64_t *chosen, const int64_t *owners, int64_t count, int64_t *entries) {
    for (int64_t n = 0; n < count; n++)
        entries[n] = (int64_t)((uint64_t)(int64_t)buckets[chosen[n]] << 32) | owners[n];
    return 0;
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

/*
 * Find the parts of `block` in the buckets of `entries` (both rising): place of the bucket's first entry, and part.
 *
 * Of each bucket only the first `most` parts. Returns how many; there are at most as many as parts in the block.
 */
EXPORT int64_t buckets_mates(
    const int64_t *entries, int64_t count, const int64_t *block, int64_t size, int64_t most, int64_t *places,
    int64_t *parts) {
    int64_t n = 0, at = 0, other = 0;
    while (at < count && other < size) {
        int64_t bucket = entries[at] >> 32, begin = n;
        if (block[other] >> 32 < bucket) {
            other++;
            continue;
        }
        for (; other < size && block[other] >> 32 == bucket; other++)
            if (n - begin < most) {
                places[n] = at;
                parts[n++] = block[other] & PART;
            }
        while (at < count && entries[at] >> 32 == bucket)
            at++;
    }
    return n;
}

/* Return how many of the `before` parts that were in a bucket first a part is compared with. */
INLINE int64_t compared(int64_t before, int64_t cap) { return before < cap ? before : cap < FEW ? cap : FEW; }

/* The bucket of an entry: where its entries begin, and who was in it before: `hits` of those known, from `hit` on. */
typedef struct {
    int64_t begin, hit, hits;
} bucket;

/* Return the bucket of entry `at`, if `last` is that of the entry before. Most buckets have one entry: no branch. */
INLINE bucket bucket_of(bucket last, const int64_t *entries, int64_t at, const int64_t *places, int64_t known) {
    const bool same = at > 0 && entries[at] >> 32 == entries[at - 1] >> 32;
    bucket found = {same ? last.begin : at, same ? last.hit : last.hit + last.hits, same ? last.hits : 0};
    while (found.hit + found.hits < known && places[found.hit + found.hits] == at)
        found.hits++;
    return found;
}

/* Count the pairs that `buckets_pairs` finds. */
EXPORT int64_t buckets_count(
    const int64_t *entries, int64_t count, const int64_t *places, int64_t known, int64_t cap) {
    int64_t n = 0;
    bucket here = {0, 0, 0};
    for (int64_t at = 0; at < count; at++) {
        here = bucket_of(here, entries, at, places, known);
        n += compared(here.hits + at - here.begin, cap);
    }
    return n;
}

/* Fill `found` with the pairs of parts that share a bucket; see buckets.py. */
EXPORT int64_t buckets_pairs(
    const int64_t *entries, int64_t count, const int64_t *places, const int64_t *parts, int64_t known, int64_t base,
    int64_t cap, int64_t *found) {
    int64_t n = 0;
    bucket here = {0, 0, 0};
    for (int64_t at = 0; at < count; at++) {
        here = bucket_of(here, entries, at, places, known);
        const int64_t later = base + (entries[at] & PART), few = compared(here.hits + at - here.begin, cap);
        for (int64_t k = 0; k < few; k++) {
            const int64_t earlier =
                k < here.hits ? parts[here.hit + k] : base + (entries[here.begin + k - here.hits] & PART);
            found[n++] = earlier << 32 | later;
        }
    }
    return n;
}

/*
 * Move to the front the pairs that were not met lately, and note them; return how many they are.
 *
 * `met` holds the last pair met of each of 2^bits slots, 0 for none: no pair is left out that was not met before.
 */
EXPORT int64_t buckets_unmet(int64_t *pairs, int64_t count, int64_t *met, int64_t bits) {
    int64_t n = 0;
    for (int64_t at = 0; at < count; at++) {
        const int64_t pair = pairs[at], slot = (int64_t)((uint64_t)pair * UINT64_C(0x9E3779B97F4A7C15) >> (64 - bits));
        pairs[n] = pair;
        n += met[slot] != pair;
        met[slot] = pair;
    }
    return n;
}
