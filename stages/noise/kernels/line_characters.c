/* Characters of a batch of paragraphs: their lower case and their classes. */
#include "lines.h"

enum { TABLE_SIZE = 0x10000, BEYOND = 0xFFFD }; /* the basic plane; what lies beyond it is "other", as this is */

/* Look up each character's lower case and class; find where each paragraph ends but for white space. */
EXPORT int64_t line_classify(const uint32_t *raw, const uint8_t *class_of, const uint32_t *lower_of,
                             const int64_t *starts, const int64_t *lengths, int64_t paragraphs, uint32_t *codes,
                             uint8_t *classes, int64_t *ends) {
    for (int64_t number = 0; number < paragraphs; number++) {
        int64_t end = starts[number];
        for (int64_t at = starts[number]; at < starts[number] + lengths[number]; at++) {
            uint32_t code = raw[at] < TABLE_SIZE ? raw[at] : BEYOND;
            codes[at] = lower_of[code];
            classes[at] = class_of[code];
            if (classes[at] != SPACE)
                end = at + 1;
        }
        ends[number] = end;
    }
    return 0;
}
