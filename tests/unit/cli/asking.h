/* The place, the server and the output of a test of a command that asks a server something. */
#ifndef VS_TESTS_CLI_ASKING_H
#define VS_TESTS_CLI_ASKING_H

#include "answerer.h"
#include "caught.h"

struct world {
	struct place *place;
	struct answerer answerer;
	struct caught caught;
};

static inline int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	void *place = NULL;

	if (world == NULL || place_setup(&place) != 0)
		return -1;
	world->place = place;
	*state = world;
	return 0;
}

static inline int teardown(void **state)
{
	struct world *world = *state;
	void *place = world->place;

	free(world);
	return place_teardown(&place);
}

/* A server that answers over the wire, one call of command with these words more, and its end. */
#define ASK_BY(world, command, answer_status, answer_body, ...)                                              \
	do {                                                                                                 \
		struct answer answer_ = {(answer_status), (answer_body), false};                             \
		answerer_start(&(world)->answerer, NULL, answer_);                                           \
		RUN(&(world)->caught, &(command), "--url", (world)->answerer.url, __VA_ARGS__);              \
		answerer_end(&(world)->answerer);                                                            \
	} while (0)

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
