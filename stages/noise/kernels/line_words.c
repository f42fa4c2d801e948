/* Hashes of the words of the line model's lists. */
#include "lines.h"

/* Hash each word; `offsets` are where each begins among the code points, and the end. */
EXPORT int64_t line_hash_words(const uint32_t *codes, const int64_t *offsets, int64_t words, uint64_t *hashes) {
    for (int64_t word = 0; word < words; word++)
        hashes[word] = hash_word(codes, offsets[word], offsets[word + 1]);
    return 0;
}
