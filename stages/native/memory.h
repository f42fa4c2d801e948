/* Memory that a kernel needs while it runs, and the smaller and larger of two numbers. */
#ifndef NATIVE_MEMORY_H
#define NATIVE_MEMORY_H

#include <stdlib.h>

#include "stages/native/native.h"

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/* Blocks of memory, zeros at first, that are freed together. Any may be missing after `take`: look at `failed` before
 * the first use. */
typedef struct {
    void *blocks[16];
    int taken;
    bool failed;
} pool;

static inline void *take(pool *all, int64_t count, size_t size) {
    void *block = calloc((size_t)count + 1, size); /* never of 0 bytes, which may give NULL */
    all->failed |= !block;
    return all->blocks[all->taken++] = block;
}

/* Free the blocks; return the kernel's result, or that memory was short. */
static inline int64_t released(pool *all, int64_t result) {
    while (all->taken)
        free(all->blocks[--all->taken]);
    return all->failed ? NO_MEMORY : result;
}

#endif
