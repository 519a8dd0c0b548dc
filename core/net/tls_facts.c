#include "net/tls.h"

#include <stdio.h>

#include "base/text.h"

#define DAY_MS INT64_C(86400000)
#define SOON_MS (21 * DAY_MS)

static void warn_of_dates(const struct vs_tls_facts *facts, int64_t now,
	void (*warn)(void *arg, const char *sentence), void *arg)
{
	char line[256];
	char date[VS_TIME_TEXT];

	if (now < facts->not_before) {
		vs_time_format(date, facts->not_before);
		(void)snprintf(line, sizeof(line),
			"the certificate is not valid before %s: clients refuse it until then (or is the "
			"clock of "
			"this host wrong?)",
			date);
		warn(arg, line);
	} else if (now >= facts->not_after) {
		vs_time_format(date, facts->not_after);
		(void)snprintf(line, sizeof(line),
			"the certificate has expired at %s: clients refuse it, so none can report", date);
		warn(arg, line);
	} else if (facts->not_after - now < SOON_MS) {
		char days[32] = "less than two days";

		if (facts->not_after - now >= 2 * DAY_MS)
			(void)snprintf(days, sizeof(days), "%lld days",
				(long long)((facts->not_after - now) / DAY_MS));
		vs_time_format(date, facts->not_after);
		(void)snprintf(
			line, sizeof(line), "the certificate expires in %s, at %s: renew it", days, date);
		warn(arg, line);
	}
}

void vs_tls_facts_warn(const struct vs_tls_facts *facts, int64_t now,
	void (*warn)(void *arg, const char *sentence), void *arg)
{
	char line[256];

	warn_of_dates(facts, now, warn, arg);
	if (facts->key_is_open)
		warn(arg, "everybody on this host may read the key: `chmod o-r` it");
	if (facts->disordered > 0) {
		(void)snprintf(line, sizeof(line),
			"certificate number %u of the file was not issued by number %u: the server's own "
			"must "
			"stand first, then each time the one that issued the one before",
			facts->disordered, facts->disordered + 1);
		warn(arg, line);
	}
}
