/* Hash table of the words of paragraph a and their stems, with open addressing. */
#ifndef WORD_TABLE_H
#define WORD_TABLE_H

#include "alignment.h"

/* Return the mask of the part of the table that so many words use: sparse, or searching it takes long. */
INLINE int64_t mask_for(int64_t words) {
    int64_t mask = 15;
    while (mask < 4 * words)
        mask = 2 * mask + 1;
    return mask;
}

/* Return the key of a word: without flags of place. */
INLINE int64_t word_key(int64_t word) { return word & ANYWHERE; }

/* Return the key of a word's stem: with the flag that no key of a word has. */
INLINE int64_t stem_key(int64_t word) { return (word & STEM) | QUOTED; }

/* Return the slot of a key, or the free one for it. */
INLINE int32_t slot_of(int64_t key, const Room *room) {
    const uint64_t value = (uint64_t)key * MIX;
    int64_t slot = (int64_t)(value >> 33) & room->mask;
    while (room->slots[slot].stamp == room->stamp && room->slots[slot].key != key)
        slot = (slot + 1) & room->mask;
    return (int32_t)slot;
}

/* Return the slot of a key, NOWHERE if the table does not have it. */
INLINE int32_t find(int64_t key, const Room *room) {
    const int32_t slot = slot_of(key, room);
    return room->slots[slot].stamp == room->stamp ? slot : NOWHERE;
}

/* Put a key into the table; return its slot. */
INLINE int32_t note(int64_t key, Room *room) {
    const int32_t slot = slot_of(key, room);
    room->slots[slot].key = key;
    room->slots[slot].stamp = room->stamp;
    return slot;
}

/* Put the words of a paragraph and their stems into the table; note the slots of each. */
static inline void note_words(const Paragraph *a, const Weights *weights, Room *room) {
    room->mask = mask_for(a->count);
    room->stamp++;
    for (int64_t i = 0; i < a->count; i++) {
        const int64_t word = a->words[i];
        const int32_t slot = note(word_key(word), room);
        const int32_t stem = word & PLAIN ? USED : note(stem_key(word), room);
        room->a[i].all_slot = slot;
        room->a[i].all_stem = stem;
        room->a[i].gap = weights->gap[word & FLAGS];
        room->slots[slot].stem = stem >= 0 ? stem : NOWHERE;
    }
}

#endif
