/* Bits of a gap, all that stands between a word and the one before it; also in tokenizer.py. */
#ifndef GAPS_H
#define GAPS_H

#define ENDS 1
#define OPENS 2
#define CLOSES 4
#define PAUSES 8

#endif
