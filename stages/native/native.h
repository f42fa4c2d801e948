/* Things that all kernels share: exported names, and loops compiled once more for processors with wider vectors. */
#ifndef NATIVE_H
#define NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A function that Python calls; all others stay hidden in the library. */
#define EXPORT __attribute__((visibility("default")))
/* A function that is copied into each place that calls it. */
#define INLINE static inline __attribute__((always_inline))
/* Before a loop of as many steps as a vector has values: GCC would unroll it before it thinks of vectors. */
#if defined(__GNUC__) && !defined(__clang__)
#define AS_VECTORS _Pragma("GCC unroll 1")
#else
#define AS_VECTORS
#endif
/* The result of a kernel that found no memory; Python raises MemoryError for it. */
#define NO_MEMORY INT64_MIN

/*
 * A wheel must run on every processor of its kind, so nothing is compiled for the one that builds it. A loop that gains
 * much from wider vectors is an INLINE function with three callers, two of them marked:
 *
 *     INLINE void loop(...) {...}
 *     WITH_AVX512 static void loop_avx512(...) { loop(...); }
 *     WITH_AVX2 static void loop_avx2(...) { loop(...); }
 *     static void loop_anywhere(...) { loop(...); }
 *     ... has_avx512() ? loop_avx512 : has_avx2() ? loop_avx2 : loop_anywhere ...
 *
 * Ask once in a call from Python, not in a loop: on virtual machines the question takes a microsecond or more.
 * (target_clones does the same with one attribute, but not on macOS nor with every compiler and C library.)
 */
#if defined(__x86_64__)
#include <cpuid.h>
#define WITH_AVX2 __attribute__((target("avx2")))
#if defined(__clang__)
#define WITH_AVX512 __attribute__((target("avx512f,avx512dq")))
#else /* GCC uses half of a register unless it is told */
#define WITH_AVX512 __attribute__((target("avx512f,avx512dq,prefer-vector-width=512")))
#endif
/* Return true if the processor has some features (bits of EBX of leaf 7), and the system saves these registers. */
INLINE bool has_vectors(unsigned features, unsigned registers) {
    unsigned a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 27)) || !(c & (1u << 28)))
        return false; /* no XGETBV, or no AVX */
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & registers) != registers)
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & features) == features;
}
INLINE bool has_avx2(void) { return has_vectors(1u << 5, 0x06); }
INLINE bool has_avx512(void) { return has_vectors(3u << 16, 0xE6); }
#else
#define WITH_AVX2
#define WITH_AVX512
INLINE bool has_avx2(void) { return false; }
INLINE bool has_avx512(void) { return false; }
#endif

#endif
