/* Numbers of stages/near_duplicates/match_columns.py, where they are explained; a test compares the two. */
#ifndef MATCH_COLUMNS_H
#define MATCH_COLUMNS_H

/* Flags of the differences between the sides of a match. */
#define NUMBERS_DIFFER 1
#define NAMES_DIFFER 2
#define NEGATIONS_DIFFER 4
#define FACTS_DIFFER 8

/* Roles of a match. */
#define TOLD 0
#define COPIES 1
#define SHARES 2
#define REPEATS 3

#endif
