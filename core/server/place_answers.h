/* What sources answered, as the quorum reads it. */
#ifndef VS_SERVER_PLACE_ANSWERS_H
#define VS_SERVER_PLACE_ANSWERS_H

#include <stddef.h>

#include "model/quorum.h"

struct vs_locate_answer;

/* Texts are borrowed from the answers. */
struct vs_place_answers {
	struct vs_place_answer items[VS_QUORUM_ANSWERS_MAX];
	size_t count;
};

/* Those that say anything of a place. */
void vs_place_answers_read(
	struct vs_place_answers *read, const struct vs_locate_answer *answers, size_t count);

#endif
