#include "email_token.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int email_token_read(char *out, size_t size, const char *path, char *error, size_t error_size)
{
	FILE *file = fopen(path, "re");
	size_t len = file != NULL ? fread(out, 1, size - 1, file) : 0;
	int failed = file == NULL || ferror(file) != 0;
	int reason = errno;

	if (file != NULL)
		fclose(file);
	out[len] = '\0';
	out[strcspn(out, " \t\r\n")] = '\0';
	if (!failed && out[0] != '\0' && strlen(out) < size - 1)
		return 0;
	snprintf(error, error_size, "%.150s holds no access token: %s", path,
		failed           ? strerror(reason)
		: out[0] == '\0' ? "it is empty, or begins with a blank"
				 : "its first word is too long");
	out[0] = '\0';
	return -1;
}
