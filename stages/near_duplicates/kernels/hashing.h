/* Constants of the hash functions, and one step of mixing. */
#ifndef HASHING_H
#define HASHING_H

#include "alphabet.h"
#include "stages/native/native.h"

/* Masks the flags that belong to a word's place. */
#define ANYWHERE (~(int64_t)PLACE)
/* FNV-1a (64 bits), and the first multiplier of MurmurHash3's 64-bit finalizer. */
#define SEED UINT64_C(0xCBF29CE484222325)
#define PRIME UINT64_C(0x100000001B3)
#define MIX UINT64_C(0xFF51AFD7ED558CCD)

INLINE uint64_t mixed(uint64_t value, uint64_t with) {
    value = (value ^ with) * MIX;
    return value ^ (value >> 33);
}

#endif
