#include "server/place_answers.h"

#include "model/place_answer.h"
#include "plug/locate_round.h"

void vs_place_answers_read(
	struct vs_place_answers *read, const struct vs_locate_answer *answers, size_t count)
{
	size_t i;
	size_t k;

	read->count = 0;
	for (i = 0; i < count && read->count < VS_QUORUM_ANSWERS_MAX; i++) {
		struct vs_place_answer *item = &read->items[read->count];
		bool says = false;

		*item = (struct vs_place_answer){.source = answers[i].source};
		for (k = 0; k < answers[i].fact_count; k++)
			says |= vs_place_answer_take(
				item, answers[i].facts[k].name, answers[i].facts[k].value);
		read->count += says ? 1 : 0;
	}
}
