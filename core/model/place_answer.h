/* From the facts that a source tells of an address to its answer, and which addresses are worth a question.
 */
#ifndef VS_MODEL_PLACE_ANSWER_H
#define VS_MODEL_PLACE_ANSWER_H

#include <stdbool.h>

#include "base/addr.h"
#include "base/view.h"
#include "model/quorum.h"

/*
 * Takes one fact ("exit.country", "exit6.asn"; "x.prefix" of any x) into answer, which borrows value. What a
 * source tells under a name of its own has a sense of its own, such as the country that a network was given
 * out in, and says nothing of where an address is. False when it says nothing of a place, or is not what it
 * should be.
 */
bool vs_place_answer_take(struct vs_place_answer *answer, const char *fact, const char *value);

/* An address of the internet: sources know nothing of others, and need not learn of them. */
bool vs_place_can_be_asked(const struct vs_addr *addr);

#endif
