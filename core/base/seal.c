#include "base/seal.h"

#include <sys/prctl.h>
#include <sys/resource.h>

/* The limit alone does not hold where core files go to a program; where neither can be set it runs on. */
void vs_seal(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
}
