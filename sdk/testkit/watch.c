/* poll/1, round/1 and nonce/1 of the testkit. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

enum { NONCES = 16 };

static struct kit_watch *watch_find(struct vpnt *kit, uint64_t id)
{
	uint32_t i;

	for (i = 0; i < WATCHES; i++)
		if (id != 0 && kit->watches[i].id == id)
			return &kit->watches[i];
	return NULL;
}

static struct kit_watch *watch_of(const struct vpnt *kit, int32_t fd)
{
	uint32_t i;

	for (i = 0; i < WATCHES; i++)
		if (kit->watches[i].id != 0 && kit->watches[i].fd == fd)
			return (struct kit_watch *)(uintptr_t)&kit->watches[i];
	return NULL;
}

uint32_t watch_count(const struct vpnt *kit)
{
	uint32_t count = 0;
	uint32_t i;

	for (i = 0; i < WATCHES; i++)
		count += kit->watches[i].id != 0;
	return count;
}

static uint64_t poll_watch(const struct vpns_host *host, int32_t fd, uint32_t events,
	void (*ready)(void *arg, uint32_t events), void *arg)
{
	struct vpnt *kit = kit_of(host);
	uint32_t i;

	if (ready == NULL || (events & ~(VPNS_POLL_READ | VPNS_POLL_WRITE)) != 0)
		fail_msg("a watch without callback, or for events that do not exist");
	if (fd < 0 || watch_of(kit, fd) != NULL)
		return 0;
	for (i = 0; i < WATCHES; i++) {
		if (kit->watches[i].id != 0)
			continue;
		kit->watches[i] = (struct kit_watch){++kit->next_event, fd, events, ready, arg};
		return kit->watches[i].id;
	}
	return 0;
}

static int32_t poll_change(const struct vpns_host *host, uint64_t id, uint32_t events)
{
	struct kit_watch *watch = watch_find(kit_of(host), id);

	if (watch == NULL || (events & ~(VPNS_POLL_READ | VPNS_POLL_WRITE)) != 0)
		return VPNS_E_INVALID;
	watch->events = events;
	return VPNS_OK;
}

static void poll_end(const struct vpns_host *host, uint64_t id)
{
	struct kit_watch *watch = watch_find(kit_of(host), id);

	if (watch != NULL)
		watch->id = 0;
}

const struct vpns_poll_service kit_poll = {sizeof(kit_poll), 1, poll_watch, poll_change, poll_end};

int32_t vpnt_watched(const struct vpnt *kit, int32_t fd)
{
	const struct kit_watch *watch = watch_of(kit, fd);

	return watch != NULL ? (int32_t)watch->events : -1;
}

void vpnt_ready(struct vpnt *kit, int32_t fd, uint32_t events)
{
	struct kit_watch *watch = watch_of(kit, fd);
	struct kit_watch was;

	if (watch == NULL)
		fail_msg("descriptor %d is not watched", fd);
	was = *watch;
	if ((events & VPNS_POLL_ERROR) != 0)
		watch->id = 0;
	else if ((was.events & events) == 0)
		fail_msg("descriptor %d is not watched for %u", fd, (unsigned)events);
	was.ready(was.arg, (events & VPNS_POLL_ERROR) != 0 ? VPNS_POLL_ERROR : events & was.events);
}

static int32_t round_hurry(const struct vpns_host *host, const char *reason)
{
	struct vpnt *kit = kit_of(host);

	if (reason == NULL || *reason == '\0')
		return VPNS_E_INVALID;
	secret_check(kit, reason, "the reason to hurry");
	kit->hurry_count++;
	kit->hurry_reason = texts_add(&kit->texts, reason, strlen(reason));
	return VPNS_OK;
}

const struct vpns_round_service kit_round = {sizeof(kit_round), 1, round_hurry};

uint32_t vpnt_hurried(const struct vpnt *kit)
{
	return kit->hurry_count;
}

const char *vpnt_hurry_reason(const struct vpnt *kit)
{
	return kit->hurry_reason;
}

static int32_t nonce_tell(const struct vpns_host *host, const char *nonce)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	struct vpnt *kit = kit_of(host);
	size_t len = nonce != NULL ? strlen(nonce) : 0;

	if (len == 0 || len > VPNS_NONCE_MAX || strspn(nonce, allowed) != len)
		return VPNS_E_INVALID;
	if (kit->nonce_count >= NONCES)
		return VPNS_E_BUSY;
	if (kit->nonce_count++ > 0)
		strcat(kit->nonces, " ");
	strcat(kit->nonces, nonce);
	return VPNS_OK;
}

const struct vpns_nonce_service kit_nonce = {sizeof(kit_nonce), 1, nonce_tell};

const char *vpnt_nonces(struct vpnt *kit)
{
	memcpy(kit->nonces_told, kit->nonces, sizeof(kit->nonces));
	kit->nonces[0] = '\0';
	kit->nonce_count = 0;
	return kit->nonces_told;
}
