/*
 * A library to preload: the wall clock stands as far off as a test says, and everything that
 * measures time goes on as it does. WALLCLOCK_CONTROL names a file, mapped, that holds one int64_t:
 * milliseconds ahead. Beside AddressSanitizer its runtime has to be preloaded before this library.
 *
 * libfaketime moves waiting threads along with the clock, monotonic ones too; no jump of a real
 * clock does that.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static _Atomic int64_t *ahead_ms;

__attribute__((constructor)) static void begin(void)
{
	const char *file = getenv("WALLCLOCK_CONTROL");
	int fd = file != NULL ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, sizeof(*ahead_ms), PROT_READ, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		ahead_ms = map;
	close(fd);
}

/* The function that would have been called without this library. */
#define NEXT(name) ((__typeof__(&(name)))(uintptr_t)dlsym(RTLD_NEXT, #name))

int clock_gettime(clockid_t id, struct timespec *at)
{
	int rc = NEXT(clock_gettime)(id, at);
	int64_t ahead = ahead_ms != NULL ? *ahead_ms : 0;

	if (rc != 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
		return rc;
	at->tv_sec += (time_t)(ahead / 1000); /* the tests jump by whole seconds */
	return 0;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	at->tv_sec = now.tv_sec;
	at->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *at)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (at != NULL)
		*at = now.tv_sec;
	return now.tv_sec;
}
