#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/ready.h"

/* A manager's socket; its address is that of this name, whose '@' stands for a NUL. */
static int listen_at(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	size_t len = strlen(name);

	assert_true(fd >= 0 && len < sizeof(address.sun_path));
	memcpy(address.sun_path, name, len);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&address,
				 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
		0);
	return fd;
}

static void is_told(const char *name)
{
	int fd = listen_at(name);
	char got[64] = "";
	struct vs_err err = {0};

	assert_int_equal(vs_ready_tell(name, &err), 0);
	assert_int_equal(recv(fd, got, sizeof(got), 0), 7);
	assert_string_equal(got, "READY=1");
	close(fd);
}

static void a_manager_behind_a_path_is_told(void **state)
{
	char folder[] = "/tmp/ready-XXXXXX";
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/notify", folder);
	is_told(path);
	unlink(path);
	rmdir(folder);
}

static void a_manager_behind_a_name_without_a_file_is_told(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "@vpn-sentinel-ready-%ld", (long)getpid());
	is_told(name);
}

static void without_a_manager_nobody_is_told(void **state)
{
	struct vs_err err = {0};

	(void)state;
	assert_int_equal(vs_ready_tell(NULL, &err), 0);
	assert_int_equal(vs_ready_tell("", &err), 0);
}

static void a_manager_that_is_gone_is_an_error_with_its_place(void **state)
{
	struct vs_err err = {0};

	(void)state;
	assert_int_equal(vs_ready_tell("/nowhere/notify", &err), VS_ERR_SYSTEM);
	assert_non_null(strstr(err.text, "/nowhere/notify"));
}

static void a_path_that_no_socket_can_have_is_an_error(void **state)
{
	char path[200];
	struct vs_err err = {0};

	(void)state;
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(vs_ready_tell(path, &err), VS_ERR_SYSTEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manager_behind_a_path_is_told),
		cmocka_unit_test(a_manager_behind_a_name_without_a_file_is_told),
		cmocka_unit_test(without_a_manager_nobody_is_told),
		cmocka_unit_test(a_manager_that_is_gone_is_an_error_with_its_place),
		cmocka_unit_test(a_path_that_no_socket_can_have_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
