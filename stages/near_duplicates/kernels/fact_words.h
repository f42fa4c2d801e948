/* Numbers of stages/near_duplicates/fact_words.py, where they are explained; a test compares the two. */
#ifndef FACT_WORDS_H
#define FACT_WORDS_H

/* Kinds of words. */
#define LIGHT 0
#define SAYING 1
#define REPLACING 2
#define DENYING 3

#define CHARACTER_TAG 1
#define OTHER_TEXT 8

#endif
