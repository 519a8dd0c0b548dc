#include "base/fault.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "base/view.h"

#ifdef VS_FAULTS

#define NAME_MAX_LEN 63
#define COUNT_MAX 1000000

/* A point must be able to be anywhere, and whoever passes it has no world at hand. */
static char armed[NAME_MAX_LEN + 1]; /* "": none */
static atomic_int left; /* times that it may still be passed; the last one is the end */

static int refuse(const char *text, struct vs_err *err)
{
	return vs_err_set(err, VS_ERR_INVALID,
		"\"%s\" names no fault point: write its name, or name:3 for the third time it is passed",
		text);
}

int vs_fault_arm(const char *text, struct vs_err *err)
{
	const char *colon = strchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
	int64_t count = 1;

	if (len == 0 || len > NAME_MAX_LEN ||
		(colon != NULL && vs_int_parse(&count, vs_view_of(colon + 1)) < 0) || count < 1 ||
		count > COUNT_MAX)
		return refuse(text, err);
	memcpy(armed, text, len);
	armed[len] = '\0';
	atomic_store(&left, (int)count);
	return 0;
}

void vs_fault_pass(const char *name)
{
	if (armed[0] == '\0' || strcmp(armed, name) != 0 || atomic_fetch_sub(&left, 1) != 1)
		return;
	vs_log_rescue(); /* what was said before stands in the log, as it would without a thread for it */
	kill(getpid(), SIGKILL);
	for (;;)
		pause(); /* not one step further while the signal is on its way */
}

#else

int vs_fault_arm(const char *text, struct vs_err *err)
{
	return vs_err_set(err, VS_ERR_REFUSED,
		"cannot die at \"%s\": fault points are only in debug builds of the program", text);
}

void vs_fault_pass(const char *name)
{
	(void)name;
}

#endif
