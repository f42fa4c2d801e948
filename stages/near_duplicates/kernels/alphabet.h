/* Numbers of stages/near_duplicates/alphabet.py, where they are explained; a test compares the two. */
#ifndef ALPHABET_H
#define ALPHABET_H

/* Kinds of characters. */
#define OTHER 0
#define LETTER 1
#define CAPITAL 2
#define DIGIT 3
#define CHARACTER 4
#define MARK 5
#define APOSTROPHE 6
#define HYPHEN 7
#define STOP 8
#define MARKED_STOP 9
#define OPENING 10
#define CLOSING 11
#define QUOTE 12
#define CLAUSE 13
#define SPACE 14
#define PERCENT 15

/* Flags of a word. */
#define NUMBER 1
#define NEGATION 2
#define FUNCTION 4
#define NAME 8
#define SINGLE 16
#define QUOTED 32
#define COMMON 64
#define FLAGS 127
#define PLACE 40
#define REPORTING 68
#define NO_CONTENT 13

/* Stems, and the table of special words. */
#define STEM_LETTERS 5
#define STEM_SHIFT 44
#define HONORIFIC 128
#define ABBREVIATION 256
#define SLOTS 65536
#define SLOT_SHIFT 7
#define TABLE_SIZE 196608

#endif
