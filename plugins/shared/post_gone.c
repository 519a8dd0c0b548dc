#include "post_gone.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KEY "gone"

#define DAY_MS INT64_C(86400000)

/* FNV-1a: tells one URL from another, and cannot be turned back. */
static void take_print(char out[POST_GONE_PRINT_SIZE], const char *url)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (; *url != '\0'; url++)
		sum = (sum ^ (unsigned char)*url) * UINT64_C(0x100000001b3);
	snprintf(out, POST_GONE_PRINT_SIZE, "%016" PRIx64, sum);
}

void post_gone_init(struct post_gone *gone, const struct vpns_host *host, const char *url)
{
	gone->host = host;
	gone->state = host->service(host, VPNS_STATE_1);
	take_print(gone->print, url);
}

int post_gone_is(const struct post_gone *gone)
{
	const char *kept = gone->state->get(gone->host, KEY);
	char print[POST_GONE_PRINT_SIZE];
	int64_t age;
	int64_t at;

	if (kept == NULL || sscanf(kept, "%16s %" SCNd64, print, &at) != 2 || strcmp(print, gone->print) != 0)
		return 0;
	age = gone->host->wall_ms(gone->host) - at;
	return age >= 0 && age < DAY_MS;
}

void post_gone_mark(const struct post_gone *gone)
{
	char text[64];

	snprintf(text, sizeof(text), "%s %" PRId64, gone->print, gone->host->wall_ms(gone->host));
	gone->state->put(gone->host, KEY, text);
}

void post_gone_clear(const struct post_gone *gone)
{
	if (gone->state->get(gone->host, KEY) != NULL)
		gone->state->put(gone->host, KEY, NULL);
}
