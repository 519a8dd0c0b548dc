#include "base/require.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

_Noreturn void vs_require_failed(const char *condition, const char *file, int line)
{
	vs_log_rescue();
	/* Not through the log: its lock may be held by the one who failed. */
	dprintf(STDERR_FILENO, "vpn-sentinel: a promise was broken at %s:%d: %s\n", file, line, condition);
	abort();
}
