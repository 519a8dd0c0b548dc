#include <utlist.h>

#include "base/alloc.h"
#include "loop/loop.h"
#include "plug/inside.h"

struct letter {
	void (*call)(void *arg);
	void *arg;
	struct letter *next;
	struct letter *prev;
};

/*
 * Calls on their way to the loop. It outlives the instance while a wake-up is posted, so
 * that one which comes after the end finds an empty, closed box.
 */
struct vs_mailbox {
	pthread_mutex_t lock;
	struct letter *letters;
	uint32_t count;
	bool waking; /* a wake-up is posted: the box must not be freed */
	bool kept; /* its instance was abandoned, and may post for ever: never freed */
	struct vs_instance *instance; /* NULL when closed */
};

static void free_box(struct vs_mailbox *box)
{
	pthread_mutex_destroy(&box->lock);
	vs_free(box);
}

static void on_wake(void *arg)
{
	struct vs_mailbox *box = arg;
	struct letter *letters;
	struct letter *letter;
	struct letter *next;

	pthread_mutex_lock(&box->lock);
	letters = box->letters;
	box->letters = NULL;
	pthread_mutex_unlock(&box->lock);
	DL_FOREACH_SAFE(letters, letter, next)
	{
		if (box->instance) {
			vs_instance_enter(box->instance);
			letter->call(letter->arg);
			vs_instance_leave(box->instance);
		}
		vs_free(letter);
		pthread_mutex_lock(&box->lock);
		box->count--;
		pthread_mutex_unlock(&box->lock);
	}
	if (!box->instance && !box->kept) {
		free_box(box);
		return;
	}
	pthread_mutex_lock(&box->lock);
	box->waking = box->letters != NULL;
	if (box->waking)
		vs_post(box->instance->env->loop, on_wake, box);
	pthread_mutex_unlock(&box->lock);
}

/* [any] */
static int32_t post(const struct vpns_host *host, void (*call)(void *arg), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct vs_mailbox *box = instance->services.mailbox;
	struct letter *letter;
	int32_t rc = VPNS_OK;

	if (!call)
		return VPNS_E_INVALID;
	if (!box)
		return VPNS_E_UNAVAILABLE;
	letter = vs_zalloc(sizeof(*letter));
	letter->call = call;
	letter->arg = arg;
	pthread_mutex_lock(&box->lock);
	if (!box->instance)
		rc = VPNS_E_UNAVAILABLE;
	else if (box->count >= VS_POSTS_MAX)
		rc = VPNS_E_BUSY;
	if (rc == VPNS_OK) {
		DL_APPEND(box->letters, letter);
		box->count++;
		if (!box->waking)
			vs_post(instance->env->loop, on_wake, box);
		box->waking = true;
	}
	pthread_mutex_unlock(&box->lock);
	if (rc != VPNS_OK)
		vs_free(letter);
	return rc;
}

void vs_service_post_open(struct vs_instance *instance)
{
	struct vs_mailbox *box = vs_zalloc(sizeof(*box));

	pthread_mutex_init(&box->lock, NULL);
	box->instance = instance;
	instance->services.mailbox = box;
}

void vs_service_post_close(struct vs_instance *instance)
{
	struct vs_mailbox *box = instance->services.mailbox;
	struct letter *letter;
	struct letter *next;
	bool waking;

	if (!box)
		return;
	pthread_mutex_lock(&box->lock);
	box->instance = NULL;
	box->kept = instance->abandoned;
	waking = box->waking;
	DL_FOREACH_SAFE(box->letters, letter, next)
	vs_free(letter);
	box->letters = NULL;
	pthread_mutex_unlock(&box->lock);
	if (instance->abandoned)
		return;
	instance->services.mailbox = NULL;
	if (!waking)
		free_box(box);
}

const struct vpns_post_service vs_service_post_1 = {sizeof(vs_service_post_1), 1, post};
