#include "model/exits.h"

#include "base/alloc.h"
#include "model/step.h"

/* An exit and the start of the client that reported from it. */
struct host {
	struct vs_addr exit;
	int64_t started_at;
};

struct vs_exits {
	struct host here;
	struct host other; /* the one before; family 0: none */
	int64_t changed_at; /* wall, as all times here */
	int64_t told_at; /* of the change that was told last */
	bool told; /* one was */
	bool shared;
};

static struct vs_exits *create(const struct vs_exit_turn *turn)
{
	struct vs_exits *exits = vs_zalloc(sizeof(*exits));

	exits->here = (struct host){turn->told, turn->started_before};
	return exits;
}

/* A clock that jumped back ends the window: rather one message too many. */
static bool within(const struct vs_exit_turn *turn, int64_t since)
{
	return turn->now >= since && turn->now - since < turn->window_ms;
}

static void move(struct vs_exits *exits, const struct vs_exit_turn *turn)
{
	struct host host = {turn->exit, turn->started_at};

	if (vs_addr_equal(&exits->here.exit, &host.exit)) {
		exits->here = host;
		return;
	}
	if (!vs_addr_equal(&exits->other.exit, &host.exit))
		exits->shared = false;
	else if (host.started_at != 0 && exits->other.started_at == host.started_at &&
		 exits->here.started_at != host.started_at)
		exits->shared = true;
	exits->other = exits->here;
	exits->here = host;
	exits->changed_at = turn->now;
}

bool vs_exits_take(struct vs_exits **exits, const struct vs_exit_turn *turn)
{
	bool changed = !vs_addr_equal(&turn->exit, &turn->told);
	struct vs_exits *at = *exits;

	if (at == NULL && !changed)
		return false;
	if (at == NULL)
		at = *exits = create(turn);
	move(at, turn);
	if (at->told && within(turn, at->told_at))
		return false;
	if (changed) {
		at->told = true;
		at->told_at = turn->now;
	} else if (!within(turn, at->changed_at)) {
		vs_exits_destroy(at);
		*exits = NULL;
	}
	return changed;
}

void vs_exits_destroy(struct vs_exits *exits)
{
	vs_free(exits);
}

bool vs_exits_are_shared(const struct vs_exits *exits)
{
	return exits != NULL && exits->shared;
}

void vs_exits_step(struct vs_exits *exits, const struct vs_step *step)
{
	if (exits == NULL)
		return;
	vs_step_time(step, &exits->changed_at);
	vs_step_time(step, &exits->told_at);
}

size_t vs_exits_size(const struct vs_exits *exits)
{
	return exits == NULL ? 0 : sizeof(*exits);
}
