/* Reordering of list columns. */
#include <string.h>

#include "stages/native/native.h"

/* Copy the lists of a column, each to its place in `out`; values have `width` bytes. */
EXPORT int64_t lists_place(
    const uint8_t *values, const int64_t *offsets, const int64_t *begins, int64_t rows, int64_t width, uint8_t *out) {
    for (int64_t row = 0; row < rows; row++)
        memcpy(out + begins[row] * width, values + offsets[row] * width,
               (size_t)((offsets[row + 1] - offsets[row]) * width));
    return 0;
}
