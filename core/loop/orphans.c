#include "loop/orphans.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "loop/inside.h"
#include "loop/loop.h"

#define AGAIN_MS 500 /* while programs of our own run: their end is libuv's to see */

struct vs_orphans {
	struct vs_loop *loop;
	struct vs_signal *signal;
	struct vs_timer *again;
};

static void sweep(void *arg)
{
	struct vs_orphans *orphans = arg;

	if (*vs_loop_children(orphans->loop) > 0) {
		vs_timer_start(orphans->again, AGAIN_MS);
		return;
	}
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
}

static void on_child(void *arg, int number)
{
	(void)number;
	sweep(arg);
}

struct vs_orphans *vs_orphans_create(struct vs_loop *loop)
{
	struct vs_orphans *orphans = vs_zalloc(sizeof(*orphans));

	orphans->loop = loop;
	orphans->again = vs_timer_create(loop, sweep, orphans);
	orphans->signal = vs_signal_create(loop, SIGCHLD, on_child, orphans);
	return orphans;
}

void vs_orphans_destroy(struct vs_orphans *orphans)
{
	if (orphans == NULL)
		return;
	vs_signal_destroy(orphans->signal);
	vs_timer_destroy(orphans->again);
	vs_free(orphans);
}
