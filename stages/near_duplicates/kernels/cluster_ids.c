/* Ids of clusters: the digest of where a canonical sentence begins, BLAKE2b of 16 bytes (RFC 7693). */
#include <stdio.h>
#include <string.h>

#include "stages/native/native.h"

enum { ID = 32, BLOCK = 128, DIGEST = 16, ROUNDS = 12 };

static const uint64_t START[8] = {
    UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b), UINT64_C(0x3c6ef372fe94f82b),
    UINT64_C(0xa54ff53a5f1d36f1), UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
    UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179),
};

/* The order in which each round takes the words of the block; the last two are the first two again. */
static const uint8_t ORDER[ROUNDS][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
};

INLINE uint64_t turned(uint64_t value, int bits) { return value >> bits | value << (64 - bits); }

INLINE void mix(uint64_t *v, int a, int b, int c, int d, uint64_t x, uint64_t y) {
    v[a] += v[b] + x;
    v[d] = turned(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = turned(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = turned(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = turned(v[b] ^ v[c], 63);
}

/* Digest one block, which is the whole message of `length` bytes, and zeros; fill `found` with two words. */
static void blake2b(const uint8_t *block, int length, uint64_t *found) {
    uint64_t v[16], words[16];
    for (int i = 0; i < 16; i++) {
        words[i] = 0;
        for (int byte = 7; byte >= 0; byte--) /* low byte first, on any machine */
            words[i] = words[i] << 8 | block[8 * i + byte];
        v[i] = START[i & 7];
    }
    const uint64_t first = START[0] ^ UINT64_C(0x01010000) ^ DIGEST;
    v[0] = first;
    v[12] ^= (uint64_t)length;
    v[14] = ~v[14];
    for (int round = 0; round < ROUNDS; round++) {
        const uint8_t *at = ORDER[round];
        for (int i = 0; i < 4; i++)
            mix(v, i, i + 4, i + 8, i + 12, words[at[2 * i]], words[at[2 * i + 1]]);
        for (int i = 0; i < 4; i++)
            mix(v, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, words[at[8 + 2 * i]], words[at[9 + 2 * i]]);
    }
    found[0] = first ^ v[0] ^ v[8];
    found[1] = START[1] ^ v[1] ^ v[9];
}

/*
 * Fill `ids` with the 32 hex digits of the digest of "document paragraph word" of each place. Documents have up to 32
 * bytes each, and zeros.
 */
EXPORT int64_t cluster_ids_of(
    const uint8_t *documents, const int64_t *paragraphs, const int64_t *words, int64_t count, uint8_t *ids) {
    static const char HEX[] = "0123456789abcdef";
    for (int64_t n = 0; n < count; n++) {
        char block[BLOCK] = {0};
        uint64_t found[2];
        size_t length = 0;
        while (length < ID && documents[n * ID + (int64_t)length])
            length++;
        memcpy(block, documents + n * ID, length);
        const int more = snprintf(
            block + length, sizeof block - length, " %lld %lld", (long long)paragraphs[n], (long long)words[n]);
        blake2b((const uint8_t *)block, (int)length + more, found);
        for (int i = 0; i < DIGEST; i++) {
            const unsigned byte = (unsigned)(found[i / 8] >> (8 * (i % 8))) & 0xFF;
            ids[n * ID + 2 * i] = (uint8_t)HEX[byte >> 4];
            ids[n * ID + 2 * i + 1] = (uint8_t)HEX[byte & 15];
        }
    }
    return 0;
}
