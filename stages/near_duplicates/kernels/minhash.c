/* MinHash: shingles of words, their signatures and LSH buckets. */
#include <stdlib.h>
#include <string.h>

#include "hashing.h"

#define REFERENCE (NAME | NUMBER) /* two reporters of one event share these without having copied */
#define BLOCK 32 /* values of a signature that fit into registers: 2 of AVX-512, 4 of AVX2, 8 of SSE and NEON */

/* Apply the finalizer of MurmurHash3, as datasketch does to every hash (scheme "affine32"). */
INLINE uint32_t mix32(uint32_t value) {
    value = (value ^ (value >> 16)) * UINT32_C(0x85EBCA6B);
    value = (value ^ (value >> 13)) * UINT32_C(0xC2B2AE35);
    return value ^ (value >> 16);
}

/* Return the 32-bit hash of `size` words from `start`; capitals make no difference. */
INLINE uint32_t shingle_hash(const int64_t *words, int64_t start, int64_t size) {
    uint64_t value = SEED;
    for (int64_t i = start; i < start + size; i++)
        value = mixed(value, (uint64_t)(words[i] & ANYWHERE));
    return (uint32_t)(value >> 33);
}

/* Return true if a shingle holds a word that is no function word. */
INLINE bool telling(const int64_t *words, int64_t start, int64_t size) {
    for (int64_t i = start; i < start + size; i++)
        if (!(words[i] & FUNCTION))
            return true;
    return false;
}

/* Return the 32-bit hash of two consecutive content words; function words between them do not count. */
INLINE uint32_t pair_hash(int64_t one, int64_t other) {
    return (uint32_t)(mixed(mixed(PRIME, (uint64_t)(one & ANYWHERE)), (uint64_t)(other & ANYWHERE)) >> 33);
}

/*
 * Fill `hashes` with the shingles of the words from start to end; return their number (up to two a word).
 *
 * A shingle is a run of `size` words that are not all function words; or two words of content with none between them,
 * of which one at least is neither name nor figure.
 */
EXPORT int64_t minhash_shingle_hashes(
    const int64_t *words, int64_t start, int64_t end, int64_t size, uint32_t *hashes) {
    int64_t n = 0, before = -1;
    for (int64_t i = start; i < end; i++) {
        if (i + size <= end && telling(words, i, size))
            hashes[n++] = shingle_hash(words, i, size);
        if (words[i] & FUNCTION)
            continue;
        if (before >= 0 && !((words[i] & REFERENCE) && (words[before] & REFERENCE)))
            hashes[n++] = pair_hash(words[before], words[i]);
        before = i;
    }
    return n;
}

/* A family of permutations: h -> a * h + b mod 2^32. */
typedef struct {
    const uint32_t *a, *b;
    int64_t count;
} permutations;

/* Units whose buckets are written together: what lies side by side fills a line of the cache. */
#define TOGETHER 16

/* Bands of a signature, numbered from `band` on, of so many rows each. */
typedef struct {
    int64_t bands, rows, band;
} banding;

/* Find the least value of `count` permutations, from number `from` on, over the first n hashes. */
INLINE void least_values(
    const uint32_t *hashes, int64_t n, permutations family, int64_t from, int64_t count, uint32_t *row) {
    uint32_t least[BLOCK], a[BLOCK], b[BLOCK];
    for (int64_t k = 0; k < count; k++)
        least[k] = UINT32_MAX, a[k] = family.a[from + k], b[k] = family.b[from + k];
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < count; k++) {
            uint32_t value = a[k] * hashes[i] + b[k];
            least[k] = value < least[k] ? value : least[k];
        }
    memcpy(row + from, least, (size_t)count * sizeof *row);
}

/* Fill `row` with the MinHash signature of n mixed hashes. */
INLINE void sign(const uint32_t *hashes, int64_t n, permutations family, uint32_t *row) {
    int64_t from = 0;
    for (; from + BLOCK <= family.count; from += BLOCK)
        least_values(hashes, n, family, from, BLOCK, row);
    if (from < family.count)
        least_values(hashes, n, family, from, family.count - from, row);
}

/* Fill `keys` with the hash of the rows of each band of a signature; bands are numbered from `band` on. */
INLINE void hash_bands(const uint32_t *row, int64_t bands, int64_t rows, int64_t band, int32_t *keys) {
    for (int64_t at = 0; at < bands; at++) {
        uint64_t key = SEED + (uint64_t)(band + at);
        for (int64_t k = at * rows; k < at * rows + rows; k++)
            key = mixed(key, row[k]);
        keys[at] = (int32_t)(uint32_t)(key >> 32);
    }
}

/* The same for the usual two rows, without a loop in the loop: several bands are hashed at once. */
INLINE void hash_bands_of_two(const uint32_t *row, int64_t bands, int64_t band, int32_t *keys) {
    for (int64_t at = 0; at < bands; at++) {
        const uint64_t key = mixed(mixed(SEED + (uint64_t)(band + at), row[2 * at]), row[2 * at + 1]);
        keys[at] = (int32_t)(uint32_t)(key >> 32);
    }
}

/* Sign a unit, and hash its bands if there are any. */
INLINE void sign_bands(const uint32_t *hashes, int64_t n, permutations family, banding plan, uint32_t *row, int32_t *keys) {
    sign(hashes, n, family, row);
    if (plan.rows == 2)
        hash_bands_of_two(row, plan.bands, plan.band, keys);
    else
        hash_bands(row, plan.bands, plan.rows, plan.band, keys);
}

static void sign_anywhere(
    const uint32_t *hashes, int64_t n, permutations family, banding plan, uint32_t *row, int32_t *keys) {
    sign_bands(hashes, n, family, plan, row, keys);
}

WITH_AVX2 static void sign_avx2(
    const uint32_t *hashes, int64_t n, permutations family, banding plan, uint32_t *row, int32_t *keys) {
    sign_bands(hashes, n, family, plan, row, keys);
}

WITH_AVX512 static void sign_avx512(
    const uint32_t *hashes, int64_t n, permutations family, banding plan, uint32_t *row, int32_t *keys) {
    sign_bands(hashes, n, family, plan, row, keys);
}

typedef void (*signer)(const uint32_t *, int64_t, permutations, banding, uint32_t *, int32_t *);

/* Return the widest loop that the processor has. */
static signer widest(void) { return has_avx512() ? sign_avx512 : has_avx2() ? sign_avx2 : sign_anywhere; }

/*
 * Find the shingles of the units of parts, from number `from` to `to`: put the hashes of one after the other, mixed, into
 * `hashes` from `at` on, and where those of each begin and end into `begins` and `ends`: units that are left out have none.
 * Units are numbered through all parts, and begin and end with words of their part. There are up to two hashes for a word.
 */
EXPORT int64_t minhash_unit_hashes(
    const int64_t *words, const int64_t *first, const int64_t *unit_first, const int32_t *unit_begin,
    const int32_t *unit_end, const uint8_t *chosen, int64_t from, int64_t to, int64_t size, int64_t at, int64_t *begins,
    int64_t *ends, uint32_t *hashes) {
    const int64_t start = at;
    for (int64_t part = from; part < to; part++)
        for (int64_t unit = unit_first[part]; unit < unit_first[part + 1]; unit++) {
            begins[unit] = at;
            if (chosen[part])
                at += minhash_shingle_hashes(
                    words, first[part] + unit_begin[unit], first[part] + unit_end[unit], size, hashes + at);
            ends[unit] = at;
        }
    for (int64_t i = start; i < at; i++)
        hashes[i] = mix32(hashes[i]);
    return at;
}

/*
 * Fill `values` with the MinHash signature of every unit (words from start to end), equal to datasketch's. `hashes` has
 * room for two shingles for each word of the longest unit.
 */
EXPORT int64_t minhash_signatures(
    const int64_t *words, const int64_t *starts, const int64_t *ends, int64_t units, int64_t size, const uint32_t *a,
    const uint32_t *b, int64_t count, uint32_t *hashes, uint32_t *values) {
    permutations family = {a, b, count};
    const signer sign_unit = widest();
    const banding none = {0, 0, 0};
    for (int64_t unit = 0; unit < units; unit++) {
        const int64_t n = minhash_shingle_hashes(words, starts[unit], ends[unit], size, hashes);
        for (int64_t i = 0; i < n; i++)
            hashes[i] = mix32(hashes[i]);
        sign_unit(hashes, n, family, none, values + unit * count, NULL);
    }
    return 0;
}

/*
 * Fill `keys` (bands x `columns`) with one int32 a band, the hash of its rows of a unit's signature, from column
 * `column` on. Hashes of units lie from `begins` to `ends`, as `minhash_unit_hashes` finds them; bands are numbered from
 * `band` on; `row` has room for a signature.
 */
EXPORT int64_t minhash_band_keys(
    const uint32_t *hashes, const int64_t *begins, const int64_t *ends, int64_t units, const uint32_t *a, const uint32_t *b, int64_t count,
    int64_t bands, int64_t band, uint32_t *row, int64_t column, int64_t columns, int32_t *keys) {
    const permutations family = {a, b, count};
    const banding plan = {bands, count / bands, band};
    const signer sign_unit = widest();
    int32_t *const found = malloc((size_t)(TOGETHER * bands) * sizeof *found);
    if (found == NULL)
        return NO_MEMORY;
    for (int64_t unit = 0; unit < units; unit += TOGETHER) {
        const int64_t some = units - unit < TOGETHER ? units - unit : TOGETHER;
        for (int64_t n = 0; n < some; n++)
            sign_unit(
                hashes + begins[unit + n], ends[unit + n] - begins[unit + n], family, plan, row, found + n * bands);
        for (int64_t at = 0; at < bands; at++)
            for (int64_t n = 0; n < some; n++)
                keys[at * columns + column + unit + n] = found[n * bands + at];
    }
    free(found);
    return 0;
}
