/* What Python asks of the library itself. */
#include <stdlib.h>

#include "native.h"

/* Return the digest of the sources and flags that the library was made from. */
EXPORT const char *native_digest(void) { return NATIVE_DIGEST; }

/* Free an array that a kernel returned. */
EXPORT void native_free(void *values) { free(values); }
