/* LSH buckets: candidate pairs of parts that share one. An entry is bucket << 32 | part. */
#include "stages/native/native.h"

#define PART INT64_C(0xFFFFFFFF) /* the low half of an entry */
/* A part that joins a full bucket is compared with the first so many of it only: work stays linear in the bucket. */
#define FEW 8

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

/* A bucket: its entries from `at` to `end`, and how many were in it before, from `hit` on among those known. */
typedef struct {
    int64_t at, end, hit, hits;
} bucket;

/* Find the bucket after one. */
INLINE bucket next(bucket last, const int64_t *entries, int64_t count, const int64_t *places, int64_t known) {
    bucket found = {last.end, last.end, last.hit + last.hits, 0};
    while (found.end < count && entries[found.end] >> 32 == entries[found.at] >> 32)
        found.end++;
    while (found.hit + found.hits < known && places[found.hit + found.hits] == found.at)
        found.hits++;
    return found;
}

/* Return how many of the `before` parts that were in a bucket first a part is compared with. */
INLINE int64_t compared(int64_t before, int64_t cap) { return before < cap ? before : cap < FEW ? cap : FEW; }

/* Count the pairs that `buckets_pairs` finds. */
EXPORT int64_t buckets_count(
    const int64_t *entries, int64_t count, const int64_t *places, int64_t known, int64_t cap) {
    int64_t n = 0;
    bucket here = next((bucket){0, 0, 0, 0}, entries, count, places, known);
    for (; here.at < count; here = next(here, entries, count, places, known))
        for (int64_t member = here.at; member < here.end; member++)
            n += compared(here.hits + member - here.at, cap);
    return n;
}

/* Fill `found` with the pairs of parts that share a bucket; see buckets.py. */
EXPORT int64_t buckets_pairs(
    const int64_t *entries, int64_t count, const int64_t *places, const int64_t *parts, int64_t known, int64_t base,
    int64_t cap, int64_t *found) {
    int64_t n = 0;
    bucket here = next((bucket){0, 0, 0, 0}, entries, count, places, known);
    for (; here.at < count; here = next(here, entries, count, places, known))
        for (int64_t member = here.at; member < here.end; member++) {
            int64_t later = base + (entries[member] & PART), few = compared(here.hits + member - here.at, cap);
            for (int64_t k = 0; k < few; k++) {
                int64_t earlier =
                    k < here.hits ? parts[here.hit + k] : base + (entries[here.at + k - here.hits] & PART);
                found[n++] = earlier << 32 | later;
            }
        }
    return n;
}
