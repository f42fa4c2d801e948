/* Classes of units that are alike, shingle for shingle: they are signed once, and share all buckets. */
#include <stdlib.h>
#include <string.h>

#include "hashing.h"

/* Units, each by where its hashes begin and end. */
typedef struct {
    const uint32_t *hashes;
    const int64_t *begins, *ends;
} shingled_units;

/* Return a number that units alike have in common, and others hardly ever. */
static uint64_t digest_of(const uint32_t *hashes, int64_t count) {
    uint64_t sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += hashes[i];
    return mixed(sum, (uint64_t)count);
}

/* Return true if two units are alike. */
static bool are_alike(const shingled_units *all, int64_t one, int64_t other) {
    const int64_t count = all->ends[one] - all->begins[one];
    return all->ends[other] - all->begins[other] == count
           && !memcmp(
               all->hashes + all->begins[one], all->hashes + all->begins[other], (size_t)count * sizeof *all->hashes);
}

/*
 * Fill `class_of` with the class of each unit, -1 for those without shingles, and `examples` with the first unit of each
 * class; return how many classes there are. Classes are numbered by their first units.
 */
EXPORT int64_t unit_classes_find(
    const uint32_t *hashes, const int64_t *begins, const int64_t *ends, int64_t units, int64_t *class_of,
    int64_t *examples) {
    const shingled_units all = {hashes, begins, ends};
    int64_t slots = 64, classes = 0;
    while (slots < 2 * units)
        slots *= 2;
    int64_t *const table = calloc((size_t)slots, sizeof *table); /* number of a class, from 1 on; 0: free */
    if (table == NULL)
        return NO_MEMORY;
    for (int64_t unit = 0; unit < units; unit++) {
        class_of[unit] = -1;
        if (begins[unit] == ends[unit])
            continue;
        uint64_t slot = digest_of(hashes + begins[unit], ends[unit] - begins[unit]) & (uint64_t)(slots - 1);
        while (table[slot] && !are_alike(&all, examples[table[slot] - 1], unit))
            slot = (slot + 1) & (uint64_t)(slots - 1);
        if (!table[slot]) {
            examples[classes] = unit;
            table[slot] = ++classes;
        }
        class_of[unit] = table[slot] - 1;
    }
    free(table);
    return classes;
}

/*
 * Fill `members` with the owners of the units of one class after the other, in the order of the units, and `first` with
 * where those of each begin, and the end. Every unit has a class.
 */
EXPORT int64_t unit_classes_members(
    const int64_t *class_of, const int64_t *owners, int64_t units, int64_t classes, int64_t *first, int64_t *members) {
    int64_t total = 0;
    memset(first, 0, (size_t)(classes + 1) * sizeof *first);
    for (int64_t unit = 0; unit < units; unit++)
        first[class_of[unit]]++;
    for (int64_t at = 0; at <= classes; at++) {
        const int64_t count = first[at];
        first[at] = total;
        total += count;
    }
    for (int64_t unit = 0; unit < units; unit++)
        members[first[class_of[unit]]++] = owners[unit];
    memmove(first + 1, first, (size_t)classes * sizeof *first); /* each is now where the next one begins */
    first[0] = 0;
    return 0;
}
