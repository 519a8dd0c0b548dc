/* Runs something that must end the process, in a child, and shows what it said on standard error. */
#ifndef VS_TESTS_DIES_H
#define VS_TESTS_DIES_H

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* True when act ended by SIGABRT; said receives its standard error, NUL-terminated. */
static inline bool dies(void (*act)(void), char *said, size_t size)
{
	int pipe_ends[2];
	int status = 0;
	size_t len = 0;
	ssize_t got;
	pid_t child;

	said[0] = '\0';
	if (pipe(pipe_ends) != 0)
		return false;
	child = fork();
	if (child == 0) {
		const struct rlimit none = {0, 0};

		setrlimit(RLIMIT_CORE, &none);
		dup2(pipe_ends[1], STDERR_FILENO);
		act();
		_exit(0);
	}
	close(pipe_ends[1]);
	while (len < size - 1 && (got = read(pipe_ends[0], said + len, size - 1 - len)) > 0)
		len += (size_t)got;
	said[len] = '\0';
	close(pipe_ends[0]);
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
