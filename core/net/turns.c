#include "net/turns.h"

#include <stddef.h>
#include <utlist.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/require.h"
#include "loop/loop.h"

struct vs_turns {
	struct vs_turn *waiting;
	uint64_t budget_us;
	uint64_t (*mono_us)(void);
	uint64_t number; /* of the turn of the loop */
	uv_idle_t idle; /* between two polls; runs while somebody waits, and keeps polls from blocking */
};

static void on_idle(uv_idle_t *idle)
{
	struct vs_turns *turns = idle->data;
	uint64_t begin_us = turns->mono_us();
	struct vs_turn *turn;

	turns->number++;
	while ((turn = turns->waiting) != NULL && turn->number < turns->number) {
		vs_turns_drop(turns, turn);
		turn->run(turn);
		if (turns->mono_us() - begin_us >= turns->budget_us)
			break;
	}
	if (turns->waiting == NULL)
		(void)uv_idle_stop(idle);
}

struct vs_turns *vs_turns_create(struct vs_loop *loop, uint64_t budget_us, uint64_t (*mono_us)(void))
{
	struct vs_turns *turns = vs_zalloc(sizeof(*turns));

	turns->budget_us = budget_us;
	turns->mono_us = mono_us;
	VS_REQUIRE(uv_idle_init(vs_loop_uv(loop), &turns->idle) == 0);
	turns->idle.data = turns;
	return turns;
}

static void on_closed(uv_handle_t *handle)
{
	vs_free(handle->data);
}

void vs_turns_destroy(struct vs_turns *turns)
{
	if (turns == NULL)
		return;
	VS_REQUIRE(turns->waiting == NULL);
	uv_close((uv_handle_t *)&turns->idle, on_closed);
}

void vs_turns_ask(struct vs_turns *turns, struct vs_turn *turn)
{
	if (turn->waits)
		return;
	turn->waits = true;
	turn->number = turns->number;
	DL_APPEND(turns->waiting, turn);
	(void)uv_idle_start(&turns->idle, on_idle);
}

void vs_turns_drop(struct vs_turns *turns, struct vs_turn *turn)
{
	if (!turn->waits)
		return;
	turn->waits = false;
	DL_DELETE(turns->waiting, turn);
}
