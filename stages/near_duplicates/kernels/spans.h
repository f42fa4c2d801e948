/* Spans of words. */
#ifndef SPANS_H
#define SPANS_H

#include "stages/native/native.h"

/* Words from one on, up to another. */
typedef struct {
    int64_t begin, end;
} Span;

INLINE int64_t larger(int64_t one, int64_t other) { return one > other ? one : other; }
INLINE int64_t smaller(int64_t one, int64_t other) { return one < other ? one : other; }
/* Return the span from the first word of two spans to the last. */
INLINE Span joined(Span one, Span other) {
    return (Span){smaller(one.begin, other.begin), larger(one.end, other.end)};
}
INLINE int64_t length_of(Span span) { return span.end - span.begin; }

#endif
