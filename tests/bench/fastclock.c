/*
 * A preloaded library that makes a process's clocks run BENCH_CLOCK_SPEED times as fast, and its waits
 * as much shorter, so that a day of a server passes in minutes with all its timers in proportion.
 * Processor time and the clocks of other processes stay as they are.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BILLION INT64_C(1000000000)
#define CLOCKS 12 /* of Linux */

static int64_t speed = 1;
static int64_t begun[CLOCKS]; /* what each clock showed when this library was loaded */

static int64_t true_ns(clockid_t clock)
{
	struct timespec now;

	syscall(SYS_clock_gettime, clock, &now); /* not the function, which is ours */
	return now.tv_sec * BILLION + now.tv_nsec;
}

static void set_up(void) __attribute__((constructor));

static void set_up(void)
{
	const char *text = getenv("BENCH_CLOCK_SPEED");
	clockid_t clock;

	for (clock = 0; clock < CLOCKS; clock++)
		begun[clock] = true_ns(clock);
	if (text != NULL && atoll(text) > 0)
		speed = atoll(text);
}

static int runs_fast(clockid_t clock)
{
	return clock >= 0 && clock < CLOCKS && clock != CLOCK_PROCESS_CPUTIME_ID &&
	       clock != CLOCK_THREAD_CPUTIME_ID;
}

static int64_t to_fast(clockid_t clock, int64_t ns)
{
	return begun[clock] + (ns - begun[clock]) * speed;
}

static int64_t to_true(clockid_t clock, int64_t ns)
{
	return begun[clock] + (ns - begun[clock]) / speed;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int64_t ns;

	if (!runs_fast(clock))
		return (int)syscall(SYS_clock_gettime, clock, now);
	ns = to_fast(clock, true_ns(clock));
	now->tv_sec = ns / BILLION;
	now->tv_nsec = ns % BILLION;
	return 0;
}

time_t time(time_t *out)
{
	time_t now = to_fast(CLOCK_REALTIME, true_ns(CLOCK_REALTIME)) / BILLION;

	if (out != NULL)
		*out = now;
	return now;
}

/* A wait of less than a millisecond must neither spin nor become a millisecond. */
static int wait_true(int epoll, struct epoll_event *events, int count, int timeout_ms, const sigset_t *mask)
{
	int64_t ns = timeout_ms * INT64_C(1000000) / speed;
	const struct timespec timeout = {ns / BILLION, ns % BILLION};

	return (int)syscall(SYS_epoll_pwait2, epoll, events, count, timeout_ms < 0 ? NULL : &timeout, mask,
		(size_t)(_NSIG / 8));
}

int epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout_ms, const sigset_t *mask)
{
	return wait_true(epoll, events, count, timeout_ms, mask);
}

int epoll_wait(int epoll, struct epoll_event *events, int count, int timeout_ms)
{
	return wait_true(epoll, events, count, timeout_ms, NULL);
}

/* Deadlines here are of the monotonic clock, as libuv and the pool of workers set theirs. */
int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *lock, const struct timespec *until)
{
	typedef int wait_function(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
	wait_function *next;
	struct timespec at;
	int64_t ns = to_true(CLOCK_MONOTONIC, until->tv_sec * BILLION + until->tv_nsec);

	*(void **)&next = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
	if (next == NULL)
		return EINVAL;
	at.tv_sec = ns / BILLION;
	at.tv_nsec = ns % BILLION;
	return next(cond, lock, &at);
}
