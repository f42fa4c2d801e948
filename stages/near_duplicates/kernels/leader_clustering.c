/*
 * Leader clustering of passages: every match lies in clusters that both of its sentences are in.
 *
 * Sentences come in canonical order, and the matches of each by rising earlier sentence. A match makes the later
 * sentence a member of the earlier one's cluster, unless clusters that both are in already tell all of it. The words
 * that the earlier sentence has from nobody are its *own*: the later one copies those from it. What it has from
 * somebody but with another fact is its own for those who say the same.
 */
#include <stdlib.h>
#include <string.h>

#include "match_columns.h"
#include "spans.h"

/* The result where sentences, matches and members do not fit together. */
#define NO_FIT (-1)

/* Words of a sentence, beyond which places of two cannot be compared. */
#define MOST_WORDS INT32_MAX

/* States of a word: nobody before had it; a copy that differs in a fact; a copy that says the same. */
enum { OWN, DIFFERENT, COPIED };

/* A match that is clustered: the earlier sentence, the words of both, 1 where both are of one document, 1 where no fact
   differs. `match_columns.py` has the same columns, and those of the next two. */
typedef struct {
    int64_t earlier;
    Span here, later;
    int64_t within, same;
} ClusteredMatch;

/* A member of a cluster: the canonical sentence, its words, the copied ones among them, 1 where no fact differs. */
typedef struct {
    int64_t canonical;
    Span words, copied;
    int64_t faithful;
} Member;

/* The role of a match, and the words of the later sentence that are copied. */
typedef struct {
    int64_t role;
    Span copied;
} Role;

/* States of the words of a match: of the earlier sentence's and of the later one's, and both once more for the words
   (1) that lie in a cluster that both sentences are in. */
typedef struct {
    int8_t *earlier, *later, *earlier_common, *later_common;
} States;

/* The clusters that a sentence is in. */
typedef struct {
    const Member *first, *end;
} Members;

/* Raise the states of some words; `states` are those of the words of `all`. */
static void mark(int8_t *states, Span all, Span words, int8_t state) {
    const int64_t end = smaller(all.end, words.end);
    for (int64_t word = larger(all.begin, words.begin); word < end; word++)
        if (states[word - all.begin] < state)
            states[word - all.begin] = state;
}

/* Note that nobody had the first words before. */
static void clear(int8_t *states, int64_t words) {
    if (words > 0)
        memset(states, OWN, (size_t)words);
}

/* Note the states of the words of a match, whose sentences are members of clusters. */
static void note_states(const ClusteredMatch *match, Members of_earlier, Members of_later, States states) {
    clear(states.earlier, length_of(match->here));
    clear(states.earlier_common, length_of(match->here));
    clear(states.later, length_of(match->later));
    clear(states.later_common, length_of(match->later));
    for (const Member *theirs = of_earlier.first; theirs < of_earlier.end; theirs++)
        mark(states.earlier, match->here, theirs->words, theirs->faithful ? COPIED : DIFFERENT);
    for (const Member *mine = of_later.first; mine < of_later.end; mine++) {
        mark(states.later, match->later, mine->copied, mine->faithful ? COPIED : DIFFERENT);
        for (const Member *theirs = of_earlier.first; theirs < of_earlier.end; theirs++) {
            if (theirs->canonical == mine->canonical) {
                mark(states.earlier_common, match->here, theirs->words, 1);
                mark(states.later_common, match->later, mine->words, 1);
            }
        }
    }
}

/* Return true if all words have a state, or a higher one. */
static bool all_reach(const int8_t *states, int64_t words, int8_t state) {
    for (int64_t word = 0; word < words; word++)
        if (states[word] < state)
            return false;
    return true;
}

/*
 * Return true if clusters that both sentences are in tell all of a match, and who had its words first.
 *
 * What differs in a fact is told by any cluster; what says the same is not told by copies that say something else.
 */
static bool is_told(const ClusteredMatch *match, States states, int8_t taken) {
    const int64_t here = length_of(match->here), later = length_of(match->later);
    return all_reach(states.earlier_common, here, 1) && all_reach(states.later_common, later, 1)
           && (all_reach(states.earlier, here, taken) || all_reach(states.later, later, taken));
}

/* Return the words from the first own one (a state below `taken`) to the last; 0, 0 for none. */
static Span own_span(const int8_t *states, int64_t words, int8_t taken) {
    int64_t first = words, end = 0;
    for (int64_t word = 0; word < words; word++) {
        if (states[word] < taken) {
            first = smaller(first, word);
            end = word + 1;
        }
    }
    return (Span){smaller(first, end), end};
}

/* Return the longest run of own words. */
static Span longest_own_run(const int8_t *states, int64_t words, int8_t taken) {
    Span best = {0, 0}, run = {0, 0};
    for (; run.end <= words; run.end++) {
        if (run.end == words || states[run.end] >= taken) {
            if (length_of(run) > length_of(best))
                best = run;
            run.begin = run.end + 1;
        }
    }
    return best;
}

/* Move a span of the earlier side's words to the later side: by what is left before and after it. */
static Span moved(Span span, int64_t here, int64_t later) {
    if (span.begin == 0 && span.end == here)
        return (Span){0, later};
    const int64_t before = span.begin * later / here, after = (here - span.end) * later / here;
    return (Span){before, larger(before, later - after)};
}

/* Return true if an own word of the later sentence stands where the earlier one has a word from somebody. */
static bool has_own_word_at(const int8_t *later_states, int64_t word, int64_t here, int64_t later, int8_t taken) {
    const Span there = moved((Span){word, word + 1}, here, later);
    const int64_t end = smaller(later, larger(there.end, there.begin + 1));
    for (int64_t place = there.begin; place < end; place++)
        if (later_states[place] < taken)
            return true;
    return false;
}

/*
 * Return the later words of a match that are copied from the earlier sentence: those that this has from nobody.
 *
 * Between own words may stand others that the later sentence has from elsewhere. Where it has them from nowhere, only
 * the longest run of own words counts: there are no chains.
 */
static Span copied_span(const ClusteredMatch *match, States states, int8_t taken) {
    const int64_t here = length_of(match->here), later = length_of(match->later);
    const Span own = own_span(states.earlier, here, taken);
    for (int64_t word = own.begin; word < own.end; word++)
        if (states.earlier[word] >= taken && has_own_word_at(states.later, word, here, later, taken))
            return moved(longest_own_run(states.earlier, here, taken), here, later);
    return moved(own, here, later);
}
/* Make the later sentence of a match a member of the earlier one's cluster; note its role and its copied words. */
static void join(const ClusteredMatch *match, States states, int8_t taken, Member *member, Role *role) {
    const Span copied = copied_span(match, states, taken);
    role->role = copied.end > copied.begin ? COPIES : SHARES;
    role->copied = (Span){match->later.begin + copied.begin, match->later.begin + copied.end};
    *member = (Member){match->earlier, match->later, role->copied, match->same};
}

/* Return how many words the longest side of a match has, NO_FIT if one ends before it begins. */
static int64_t longest_side(const ClusteredMatch *matches, int64_t count) {
    int64_t longest = 0;
    for (int64_t row = 0; row < count; row++) {
        const int64_t here = length_of(matches[row].here), later = length_of(matches[row].later);
        if (here < 0 || later < 0 || here > MOST_WORDS || later > MOST_WORDS)
            return NO_FIT;
        longest = larger(longest, larger(here, later));
    }
    return longest;
}

/* Return true if the first members of sentences rise, and all of them are there. */
static bool are_in_order(const int64_t *first, int64_t sentences, int64_t members) {
    for (int64_t at = 0; at < sentences; at++)
        if (first[at] < 0 || first[at + 1] < first[at])
            return false;
    return first[0] >= 0 && first[sentences] <= members;
}

/* Return the place of the first of some rising numbers that is not below a number. */
static int64_t place_of(int64_t number, const int64_t *rising, int64_t count) {
    int64_t low = 0, high = count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (rising[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Sentences whose clusters are known: those that are numbered up from `base`, and of those before it some. */
typedef struct {
    int64_t base, done; /* sentences from `base` on that are done with, whose members begin with `first` */
    int64_t *first;
    const int64_t *known, *known_first;
    int64_t known_count;
    Member *members;
} Clusters;

/* Find the clusters of a sentence; return false if they are not known. */
static bool find_members(const Clusters *clusters, int64_t sentence, Members *found) {
    const int64_t *first;
    if (sentence < clusters->base) {
        const int64_t at = place_of(sentence, clusters->known, clusters->known_count);
        if (at == clusters->known_count)
            return false;
        first = clusters->known_first + at;
    } else if (sentence - clusters->base >= clusters->done) {
        return false;
    } else {
        first = clusters->first + (sentence - clusters->base);
    }
    *found = (Members){clusters->members + first[0], clusters->members + first[1]};
    return true;
}

/* Note the role of a match; return how many members it adds, 0 or 1, or NO_FIT. `count` members are known. */
static int64_t lead_match(
    const ClusteredMatch *match, const Clusters *clusters, int64_t count, States states, Role *role) {
    Members of_earlier;
    const Members of_later = {
        clusters->members + clusters->first[clusters->done], clusters->members + count};
    const int8_t taken = match->same ? COPIED : DIFFERENT;
    if (!find_members(clusters, match->earlier, &of_earlier))
        return NO_FIT;
    *role = (Role){TOLD, {0, 0}};
    if (match->within) {
        *role = (Role){REPEATS, {match->later.begin, match->later.begin}};
        return 0;
    }
    note_states(match, of_earlier, of_later, states);
    if (is_told(match, states, taken))
        return 0;
    join(match, states, taken, &clusters->members[count], role);
    return 1;
}

/* Go through the sentences in order and the matches of each; return 0, or NO_FIT. */
static int64_t lead_all(
    const ClusteredMatch *matches, int64_t count, const int64_t *later, int64_t sentences, Clusters *clusters,
    States states, Role *roles) {
    int64_t members = clusters->known_first[clusters->known_count], row = 0;
    clusters->first[0] = members;
    for (int64_t v = 0; v < sentences; v++) {
        clusters->done = v;
        for (; row < count && later[row] == clusters->base + v; row++) {
            const int64_t added = lead_match(&matches[row], clusters, members, states, &roles[row]);
            if (added < 0)
                return NO_FIT;
            members += added;
        }
        clusters->first[v + 1] = members;
    }
    return row == count ? 0 : NO_FIT;
}

/*
 * Find for every match its role and the span of the later sentence's words that are copied by it.
 *
 * Matches are in rising order of `later` and of the earlier sentence; there are so many sentences from `base` on. Of
 * the sentences before those, `known` ones are in clusters: `known_members` from `known_first` on. Returns 0, or NO_FIT.
 */
EXPORT int64_t leader_clustering_lead(
    const ClusteredMatch *matches, int64_t count, const int64_t *later, int64_t base, int64_t sentences,
    const int64_t *known, int64_t known_count, const int64_t *known_first, const Member *known_members,
    int64_t known_member_count, Role *roles) {
    const int64_t longest = longest_side(matches, count);
    if (longest < 0 || !are_in_order(known_first, known_count, known_member_count))
        return NO_FIT;
    Member *members = malloc((size_t)(known_member_count + count + 1) * sizeof *members);
    int64_t *first = malloc((size_t)(sentences + 1) * sizeof *first);
    int8_t *room = malloc(4 * (size_t)longest + 1);
    int64_t result = NO_MEMORY;
    if (members && first && room) {
        const States states = {room, room + longest, room + 2 * longest, room + 3 * longest};
        Clusters clusters = {base, 0, first, known, known_first, known_count, members};
        memcpy(members, known_members, (size_t)known_member_count * sizeof *members);
        result = lead_all(matches, count, later, sentences, &clusters, states, roles);
    }
    free(members);
    free(first);
    free(room);
    return result;
}

/*
 * Find the span of each sentence's words, from its first to its last, that no faithful copy holds.
 *
 * The sentences lie from `begins` to `ends`; the clusters of each are `members` from `first` on. Returns 0, or NO_FIT.
 */
EXPORT int64_t leader_clustering_own_spans(
    const int64_t *begins, const int64_t *ends, int64_t sentences, const int64_t *first, const Member *members,
    int64_t member_count, Span *found) {
    int64_t longest = 0;
    for (int64_t at = 0; at < sentences; at++)
        longest = larger(longest, ends[at] - begins[at]);
    if (!are_in_order(first, sentences, member_count))
        return NO_FIT;
    int8_t *states = malloc((size_t)longest + 1);
    if (states == NULL)
        return NO_MEMORY;
    for (int64_t at = 0; at < sentences; at++) {
        const Span all = {begins[at], ends[at]};
        clear(states, length_of(all));
        for (const Member *member = members + first[at]; member < members + first[at + 1]; member++)
            if (member->faithful)
                mark(states, all, member->words, COPIED);
        const Span own = own_span(states, length_of(all), COPIED);
        found[at] = (Span){all.begin + own.begin, all.begin + own.end};
    }
    free(states);
    return 0;
}
