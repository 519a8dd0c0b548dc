/* Notes read from files that are not plugins: this very program, pieces of it, and noise. */
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/id.h"
#include "plug/note.h"

static struct vs_note note;
static struct vs_err err;

static int memory_file(const void *bytes, size_t len)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	return fd;
}

static void a_program_without_note_is_no_plugin(void **state)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(vs_note_read(&note, fd, &err) < 0);
	assert_non_null(strstr(err.text, "is a shared object but no VPN Sentinel plugin"));
	close(fd);
}

static void a_file_that_begins_like_elf_and_goes_on_as_noise_is_refused(void **state)
{
	unsigned char bytes[512];
	unsigned i;
	int fd;

	(void)state;
	for (i = 0; i < 2000; i++) {
		vs_random(bytes, sizeof(bytes));
		memcpy(bytes, "\177ELF\2\1\1", 7);
		if (i % 2) { /* deeper: a shared object of this machine with noise for tables */
			memset(bytes + 8, 0, 8);
			memcpy(bytes + 16, "\3\0\76\0", 4);
			memset(bytes + 40, 0, 6);
			bytes[40] = 64;
		}
		fd = memory_file(bytes, sizeof(bytes));
		assert_true(vs_note_read(&note, fd, &err) < 0);
		assert_true(strlen(err.text) > 0);
		close(fd);
	}
}

static void every_beginning_of_a_program_is_refused(void **state)
{
	unsigned char head[8192];
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	size_t len;
	int fd;

	(void)state;
	assert_int_equal(pread(self, head, sizeof(head), 0), (ssize_t)sizeof(head));
	close(self);
	for (len = 1; len < sizeof(head); len += 1 + len / 16) {
		fd = memory_file(head, len);
		assert_true(vs_note_read(&note, fd, &err) < 0);
		close(fd);
	}
}

static void a_descriptor_that_cannot_be_read_is_told(void **state)
{
	(void)state;
	assert_int_equal(vs_note_read(&note, -1, &err), VS_ERR_SYSTEM);
	assert_non_null(strstr(err.text, "the file cannot be read"));
}

static void a_note_is_checked_against_what_was_asked_for(void **state)
{
	struct vs_note good = {1, 0, VPNS_KIND_PROBE, "sky", "1.0"};

	(void)state;
	assert_int_equal(vs_note_check(&good, VPNS_KIND_PROBE, "sky", &err), 0);
	assert_int_equal(vs_note_check(&good, VPNS_KIND_STORE, "sky", &err), VS_ERR_REFUSED);
	assert_string_equal(err.text, "it is of kind probe, not store: move it to the folder probes/");
	assert_int_equal(vs_note_check(&good, VPNS_KIND_PROBE, "sea", &err), VS_ERR_REFUSED);
	assert_string_equal(
		err.text, "it calls itself 'sky': name the file sky.so, or rebuild it with the name 'sea'");
	assert_int_equal(vs_abi_check(1, 0, &err), 0);
	assert_int_equal(vs_abi_check(1, VPNS_ABI_MINOR, &err), 0);
	assert_int_equal(vs_abi_check(2, 0, &err), VS_ERR_REFUSED);
	assert_int_equal(vs_abi_check(1, VPNS_ABI_MINOR + 1, &err), VS_ERR_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_without_note_is_no_plugin),
		cmocka_unit_test(a_file_that_begins_like_elf_and_goes_on_as_noise_is_refused),
		cmocka_unit_test(every_beginning_of_a_program_is_refused),
		cmocka_unit_test(a_descriptor_that_cannot_be_read_is_told),
		cmocka_unit_test(a_note_is_checked_against_what_was_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
