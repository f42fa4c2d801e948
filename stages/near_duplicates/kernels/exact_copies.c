/* Exact copies: digests of parts, and the earliest part with each digest. */
#include "content.h"
#include "hashing.h"

#define UNDATED INT64_MAX

/* Return true if words from begin to end are enough for a copy, as `pair_equal` in verification.c counts them. */
INLINE bool suffices(const int64_t *words, int64_t begin, int64_t end, int64_t least, int64_t least_content) {
    int64_t halves = 0, content = 0;
    for (int64_t i = begin; i < end; i++) {
        halves += halves_of(words[i]);
        content += is_content(words[i]) ? halves_of(words[i]) : 0;
    }
    return halves >= 2 * least && content >= 2 * least_content;
}

/*
 * Digest every part so that exact copies are equal: words, capitals and sentences; 0 for parts of too few words. `first`
 * and `sentence_first` hold a number for each part, and one more.
 */
EXPORT int64_t exact_copies_digests(
    const int64_t *words, const int64_t *first, const int64_t *sentences, const int64_t *sentence_first, int64_t parts,
    int64_t least, int64_t least_content, int64_t *found) {
    for (int64_t part = 0; part < parts; part++) {
        uint64_t value = SEED;
        found[part] = 0;
        if (!suffices(words, first[part], first[part + 1], least, least_content))
            continue;
        for (int64_t i = first[part]; i < first[part + 1]; i++)
            value = mixed(value, (uint64_t)words[i]);
        for (int64_t i = sentence_first[part]; i < sentence_first[part + 1]; i++)
            value = mixed(value, (uint64_t)(sentences[i] - first[part]));
        found[part] = value >> 1 ? (int64_t)(value >> 1) : 1;
    }
    return 0;
}

/* Return true if two times are too far apart; an unknown time is not. */
INLINE bool apart(int64_t one, int64_t other, int64_t span) {
    int64_t between = one - other;
    return one != UNDATED && other != UNDATED && (between < 0 ? -between : between) > span;
}

/*
 * Find for each part, given by rising digest and in order, the one that it is an exact copy of.
 *
 * -1: it is the first, -2: it has no digest, -3 - n: part n of those given, else the number that is known. The first
 * is one published at most `span` before or after; then the next one to come is first.
 */
EXPORT int64_t exact_copies_earliest(
    const int64_t *digests, const int64_t *published, const int64_t *known, const int64_t *known_published,
    int64_t parts, int64_t span, int64_t *found) {
    int64_t first = -1, time = 0;
    for (int64_t at = 0; at < parts; at++) {
        found[at] = digests[at] == 0 ? -2 : -1;
        if (digests[at] == 0)
            continue;
        if (at == 0 || digests[at] != digests[at - 1])
            first = known[at], time = known_published[at];
        if (first != -1 && !apart(time, published[at], span))
            found[at] = first;
        else
            first = -3 - at, time = published[at];
    }
    return 0;
}
