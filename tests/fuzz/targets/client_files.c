/* What a client finds in its state directory: reports not sent yet, and what its probes remember. */
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "client/spool.h"
#include "client/state_file.h"
#include "loop/loop.h"
#include "model/json.h"
#include "model/report.h"
#include "plug/env.h"

static struct vs_loop *loop;

static void end_loop(void)
{
	vs_loop_destroy(loop);
	loop = NULL;
}

void fuzz_begin(void)
{
	vs_json_setup();
	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, open("/dev/null", O_WRONLY | O_CLOEXEC));
	loop = vs_loop_create();
	atexit(end_loop);
}

static void check_spool(const char *path)
{
	struct vs_spool *spool = vs_spool_create(path, 3);
	struct vs_report report;

	VS_REQUIRE(vs_spool_count(spool) <= 3);
	for (; vs_spool_count(spool) > 0; vs_spool_drop_oldest(spool)) {
		VS_REQUIRE(vs_report_parse(&report, vs_view_of(vs_spool_oldest(spool)->body), NULL) == 0);
		vs_report_fini(&report);
	}
	VS_REQUIRE(vs_spool_oldest(spool) == NULL);
	vs_spool_destroy(spool);
}

static void check_state(const char *path)
{
	struct vs_state_file *state = vs_state_file_create(loop, path);
	struct vs_state_backend backend = vs_state_file_backend(state);
	const char *text = backend.get(backend.arg, "probe/ipinfo", "budget");

	if (text != NULL)
		(void)strlen(text);
	vs_state_file_destroy(state);
	(void)vs_loop_run_for(loop, 0); /* its timer is given back */
}

void fuzz_one(struct vs_view input)
{
	int fd = memfd_create("state", MFD_CLOEXEC); /* which cannot be set aside */
	char path[40];

	VS_REQUIRE(fd >= 0 && write(fd, input.ptr, input.len) == (ssize_t)input.len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	check_spool(path);
	check_state(path);
	close(fd);
}
