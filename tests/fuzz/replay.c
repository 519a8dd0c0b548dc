/*
 * A target without libFuzzer: feeds it every file of a folder, and then as many damaged ones as
 * wanted. The damage is the same in every run. The input that ends the process is kept as
 * <target>.failed in the working directory.
 *
 *	fuzz_url tests/fuzz/corpus/url 2000
 *	fuzz_url url.failed
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"

#define FILE_SIZE_MAX (1024 * 1024)
#define INPUT_MAX 8192 /* damage does not make more of it */

struct corpus {
	struct vs_buf *inputs;
	size_t count;
};

/* What the target is looking at, for the handler of its end. */
static struct {
	const char *bytes;
	size_t len;
	char file[128];
} current;

static void keep_input(int signal_number)
{
	int fd = open(current.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd >= 0 && write(fd, current.bytes, current.len) == (ssize_t)current.len) {
		static const char told[] = "the input is kept in the file ";

		(void)!write(STDERR_FILENO, told, sizeof(told) - 1);
		(void)!write(STDERR_FILENO, current.file, strlen(current.file));
		(void)!write(STDERR_FILENO, "\n", 1);
	}
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void feed(struct vs_view input)
{
	char *exact = fuzz_copy(input);

	current.bytes = exact;
	current.len = input.len;
	fuzz_one((struct vs_view){exact, input.len});
	vs_free(exact);
}

/* --- damage ---------------------------------------------------------------------------------- */

static uint64_t number;

static size_t any_below(size_t limit)
{
	number ^= number << 13; /* xorshift: the same everywhere, unlike rand() */
	number ^= number >> 7;
	number ^= number << 17;
	return (size_t)(number % limit);
}

static void put_in(struct vs_buf *out, size_t at, size_t drop, struct vs_view piece)
{
	struct vs_buf tail;

	vs_buf_init(&tail);
	vs_buf_add(&tail, out->ptr + at + drop, out->len - at - drop);
	out->len = at;
	vs_buf_add(out, piece.ptr, piece.len);
	vs_buf_add(out, vs_buf_text(&tail), tail.len);
	vs_buf_fini(&tail);
}

/* A part of an input of the corpus. */
static struct vs_view any_piece(const struct corpus *corpus)
{
	const struct vs_buf *from = &corpus->inputs[any_below(corpus->count)];
	size_t at = any_below(from->len + 1);
	size_t len = from->len - at;

	if (len > 0)
		len = 1 + any_below(len < 64 ? len : 64);
	return (struct vs_view){vs_buf_text(from) + at, len};
}

static void damage(struct vs_buf *out, const struct corpus *corpus)
{
	static const char spice[] = "\0\xff\x7f\r\n\t \"'\\{}[]:;,.=%&#/-0123456789aAfFzZ";
	size_t at = any_below(out->len + 1);
	size_t left = out->len - at;
	char byte = spice[any_below(sizeof(spice) - 1)];

	switch (any_below(6)) {
	case 0:
		if (left > 0)
			out->ptr[at] = (char)((unsigned char)out->ptr[at] ^ 1u << any_below(8));
		break;
	case 1:
		if (left > 0)
			out->ptr[at] = byte;
		break;
	case 2:
		put_in(out, at, 0, (struct vs_view){&byte, 1});
		break;
	case 3:
		put_in(out, at, left > 0 ? any_below(left < 16 ? left + 1 : 16) : 0, (struct vs_view){"", 0});
		break;
	case 4:
		put_in(out, at, any_below(left < 64 ? left + 1 : 64), any_piece(corpus));
		break;
	default:
		out->len = any_below(8) == 0 ? at : out->len;
		break;
	}
}

static void feed_damaged(const struct corpus *corpus, size_t rounds)
{
	struct vs_buf input;

	vs_buf_init(&input);
	for (size_t round = 0; round < rounds; round++) {
		const struct vs_buf *from = &corpus->inputs[any_below(corpus->count)];
		size_t hits = 1 + any_below(5);

		vs_buf_clear(&input);
		vs_buf_add(&input, vs_buf_text(from), from->len);
		while (hits-- > 0 && input.len < INPUT_MAX)
			damage(&input, corpus);
		feed(vs_buf_view(&input));
	}
	vs_buf_fini(&input);
}

/* --- the corpus ------------------------------------------------------------------------------ */

static bool read_input(struct corpus *corpus, const char *path)
{
	struct vs_err err;
	struct vs_buf *input;

	corpus->inputs = vs_realloc(corpus->inputs, (corpus->count + 1) * sizeof(*corpus->inputs));
	input = &corpus->inputs[corpus->count++];
	vs_buf_init(input);
	vs_buf_add(input, "", 0);
	if (vs_file_read(input, path, FILE_SIZE_MAX, &err) == 0)
		return true;
	fprintf(stderr, "%s\n", err.text);
	return false;
}

static bool read_folder(struct corpus *corpus, const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);
	bool good = count >= 0;
	char path[4096];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (good && entries[i]->d_name[0] != '.')
			good = read_input(corpus, path);
		free(entries[i]);
	}
	if (count < 0)
		fprintf(stderr, "%s: %s\n", folder, strerror(errno));
	else
		free(entries);
	return good;
}

static bool read_any(struct corpus *corpus, const char *path)
{
	struct stat what;

	if (stat(path, &what) == 0 && S_ISREG(what.st_mode))
		return read_input(corpus, path);
	return read_folder(corpus, path);
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 0;
	struct corpus corpus = {0};
	bool good;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: %s FOLDER|FILE [HOW MANY DAMAGED ONES]\n", argv[0]);
		return 2;
	}
	snprintf(current.file, sizeof(current.file), "%s.failed", program_invocation_short_name);
	signal(SIGABRT, keep_input);
	fuzz_begin();
	good = read_any(&corpus, argv[1]) && corpus.count > 0;
	feed((struct vs_view){"", 0});
	for (size_t i = 0; good && i < corpus.count; i++)
		feed(vs_buf_view(&corpus.inputs[i]));
	number = UINT64_C(88172645463325252);
	if (good)
		feed_damaged(&corpus, rounds);
	printf("%zu inputs and %zu damaged ones\n", corpus.count, good ? rounds : 0);
	for (size_t i = 0; i < corpus.count; i++)
		vs_buf_fini(&corpus.inputs[i]);
	vs_free(corpus.inputs);
	return good ? 0 : 1;
}
