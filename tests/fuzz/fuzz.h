/*
 * What a fuzz target is: one parser of foreign bytes, and what must hold whatever they are.
 * targets/<name>.c defines both functions; libfuzzer.c or replay.c calls them.
 */
#ifndef VS_TESTS_FUZZ_H
#define VS_TESTS_FUZZ_H

#include <stddef.h>

#include "base/require.h"
#include "base/view.h"

/* Once, before the first input. */
void fuzz_begin(void);

/*
 * Any bytes. They lie in a block of exactly their length, so that AddressSanitizer sees whoever
 * reads beyond. What should hold and does not is a VS_REQUIRE: it ends the process.
 */
void fuzz_one(struct vs_view input);

/* --- for targets: support.c ----------------------------------------------------------------- */

/* The same number for the same bytes: for choices that must not differ when an input is replayed. */
size_t fuzz_choice(struct vs_view input, size_t salt, size_t below); /* below > 0 */
/* A block of its own with exactly these bytes; the caller frees. Not NULL even for none. */
char *fuzz_copy(struct vs_view bytes);
/* Up to the first line break, which is dropped; rest becomes what follows. "" when nothing is left. */
struct vs_view fuzz_line(struct vs_view *rest);
/* A sentence for people: not empty, shorter than size, UTF-8 and without control characters. */
void fuzz_require_sentence(const char *text, size_t size);
/* text ends within size bytes, and is UTF-8. */
void fuzz_require_text(const char *text, size_t size);

#endif
