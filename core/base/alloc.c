#include "base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static _Noreturn void out_of_memory(size_t size)
{
	char line[96];
	int len = snprintf(line, sizeof(line), "vpn-sentinel: out of memory (%zu bytes wanted)\n", size);

	vs_log_rescue();
	/* No stdio stream: it might want memory itself. */
	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		_exit(134);
	abort();
}

void *vs_alloc(size_t size)
{
	void *ptr = malloc(size ? size : 1);

	if (!ptr)
		out_of_memory(size);
	return ptr;
}

void *vs_zalloc(size_t size)
{
	return vs_calloc(1, size);
}

void *vs_calloc(size_t count, size_t size)
{
	void *ptr;

	if (size && count > SIZE_MAX / size)
		out_of_memory(SIZE_MAX);
	ptr = calloc(count ? count : 1, size ? size : 1);
	if (!ptr)
		out_of_memory(count * size);
	return ptr;
}

void *vs_realloc(void *ptr, size_t size)
{
	void *moved = realloc(ptr, size ? size : 1);

	if (!moved)
		out_of_memory(size);
	return moved;
}

char *vs_strdup(const char *text)
{
	return vs_strndup(text, strlen(text));
}

char *vs_strdup_or_null(const char *text)
{
	return text ? vs_strdup(text) : NULL;
}

char *vs_strndup(const char *text, size_t len)
{
	size_t used = len ? strnlen(text, len) : 0; /* an empty view may point nowhere */
	char *copy = vs_alloc(used + 1);

	if (used)
		memcpy(copy, text, used);
	copy[used] = '\0';
	return copy;
}

void vs_free(void *ptr)
{
	free(ptr);
}
