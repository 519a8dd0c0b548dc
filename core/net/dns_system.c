#include "net/dns_system.h"

#include <netdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "loop/work.h"

struct vs_dns_lookup {
	char *name;
	uint32_t type;
	int rc; /* of getaddrinfo() */
	struct addrinfo *list;
	atomic_bool dropped; /* nobody waits for it any more */
	vs_dns_lookup_done *done;
	void *arg;
};

static void free_lookup(struct vs_dns_lookup *lookup)
{
	if (lookup->list != NULL)
		freeaddrinfo(lookup->list);
	vs_free(lookup->name);
	vs_free(lookup);
}

/* [worker] */
static void look_up(void *arg)
{
	struct vs_dns_lookup *lookup = arg;
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};

	if (atomic_load(&lookup->dropped))
		return; /* a dead resolver holds up each lookup for long: what is given up must not pile up */
	if (lookup->type == VS_DNS_TYPE_A)
		hints.ai_family = AF_INET;
	else if (lookup->type == VS_DNS_TYPE_AAAA)
		hints.ai_family = AF_INET6;
	lookup->rc = getaddrinfo(lookup->name, NULL, &hints, &lookup->list);
	if (lookup->rc != 0)
		lookup->list = NULL;
}

static enum vs_dns_error classify(int rc)
{
	switch (rc) {
	case 0:
		return VS_DNS_E_OK;
	case EAI_NONAME:
		return VS_DNS_E_NXDOMAIN;
	case EAI_NODATA:
	case EAI_ADDRFAMILY:
		return VS_DNS_E_NODATA;
	case EAI_AGAIN:
		return VS_DNS_E_TIMEOUT;
	case EAI_FAIL:
		return VS_DNS_E_SERVFAIL;
	default:
		return VS_DNS_E_OTHER;
	}
}

static void fill(struct vs_dns_message *message, const struct vs_dns_lookup *lookup)
{
	const struct addrinfo *info;
	char text[VS_ADDR_TEXT];
	struct vs_addr addr;

	for (info = lookup->list; info != NULL && message->count < VS_DNS_RECORDS_MAX; info = info->ai_next) {
		struct vs_dns_record *record = &message->records[message->count];

		vs_addr_from_sockaddr(&addr, info->ai_addr);
		if (addr.family == 0)
			continue;
		vs_addr_format(&addr, text);
		record->name = vs_strdup(lookup->name);
		record->text = vs_strdup(text);
		record->type = addr.family == 4 ? VS_DNS_TYPE_A : VS_DNS_TYPE_AAAA;
		message->count++;
	}
}

static void on_done(void *arg, int rc)
{
	struct vs_dns_lookup *lookup = arg;
	vs_dns_lookup_done *done = lookup->done;
	void *done_arg = lookup->arg;
	enum vs_dns_error error = rc == 0 ? classify(lookup->rc) : VS_DNS_E_OTHER;
	struct vs_dns_message *message;

	if (atomic_load(&lookup->dropped)) {
		free_lookup(lookup);
		return;
	}
	message = vs_zalloc(sizeof(*message));
	fill(message, lookup);
	free_lookup(lookup);
	done(done_arg, error, message);
	vs_free(message);
}

struct vs_dns_lookup *vs_dns_lookup_start(
	struct vs_pool *pool, const char *name, uint32_t type, vs_dns_lookup_done *done, void *arg)
{
	struct vs_dns_lookup *lookup = vs_zalloc(sizeof(*lookup));
	size_t len = strlen(name);
	struct vs_buf whole;

	vs_buf_init(&whole);
	vs_buf_add(&whole, name, len);
	if (len > 0 && name[len - 1] != '.')
		vs_buf_add_char(&whole, '.'); /* whole: no search domain */
	lookup->name = vs_buf_take(&whole);
	lookup->type = type;
	lookup->done = done;
	lookup->arg = arg;
	if (vs_pool_start(pool, look_up, on_done, lookup) == 0)
		return lookup;
	free_lookup(lookup);
	return NULL;
}

void vs_dns_lookup_cancel(struct vs_dns_lookup *lookup)
{
	if (lookup != NULL)
		atomic_store(&lookup->dropped, true);
}
