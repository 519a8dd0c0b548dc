/* Memory and texts of the testkit, and the watch over secrets. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SHORTEST_SECRET = 4 }; /* below that, a match says nothing */

void *kit_alloc(size_t size)
{
	void *bytes = calloc(1, size == 0 ? 1 : size);

	if (bytes == NULL)
		fail_msg("out of memory");
	return bytes;
}

char *kit_copy(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(kit_alloc(size), text, size);
}

const char *texts_add(struct text **list, const char *bytes, size_t len)
{
	struct text *text = kit_alloc(sizeof(*text) + len + 1);

	if (len > 0)
		memcpy(text->bytes, bytes, len);
	text->next = *list;
	*list = text;
	return text->bytes;
}

void texts_free(struct text **list)
{
	struct text *text;

	while ((text = *list) != NULL) {
		*list = text->next;
		free(text);
	}
}

void secret_add(struct vpnt *kit, const char *text)
{
	const char *equals = strchr(text, '=');

	if (strlen(text) >= SHORTEST_SECRET)
		texts_add(&kit->secrets, text, strlen(text));
	/* Of "name=secret" the name may be shown, the rest not. */
	if (equals != NULL && strlen(equals + 1) >= SHORTEST_SECRET)
		texts_add(&kit->secrets, equals + 1, strlen(equals + 1));
}

void secret_add_file(struct vpnt *kit, const char *path)
{
	struct stat found;
	char line[4096];
	FILE *file;

	/* A pipe would wait for somebody to write. */
	if (stat(path, &found) != 0 || !S_ISREG(found.st_mode))
		return;
	file = fopen(path, "r");
	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] != '#')
			secret_add(kit, line);
	}
	fclose(file);
}

void secret_check(const struct vpnt *kit, const char *text, const char *where)
{
	const struct text *secret;

	if (text == NULL)
		return;
	for (secret = kit->secrets; secret != NULL; secret = secret->next) {
		if (strstr(text, secret->bytes) != NULL)
			fail_msg("the secret \"%s\" appears in the %s: %s", secret->bytes, where, text);
	}
}
