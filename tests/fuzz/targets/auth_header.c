/* The headers that carry a key, and the lists of keys it is looked up in. */
#include "fuzz.h"

#include <string.h>

#include "auth/bearer/bearer_header.h"
#include "auth/bearer/bearer_keys.h"
#include "base/alloc.h"
#include "server/basic.h"

void fuzz_begin(void)
{
}

static void check_inside(const char *part, size_t len, const char *whole)
{
	VS_REQUIRE(len > 0);
	VS_REQUIRE(part >= whole && part + len <= whole + strlen(whole));
	VS_REQUIRE(strchr(" \t", part[0]) == NULL && strchr(" \t", part[len - 1]) == NULL);
}

static void check_bearer(const char *text)
{
	size_t len = 0;
	const char *key = bearer_header_key(text, &len);

	if (key != NULL) {
		check_inside(key, len, text);
		VS_REQUIRE(strcasestr(text, "bearer") != NULL);
	}
	key = bearer_header_trim(text, &len);
	if (key != NULL)
		check_inside(key, len, text);
	else
		VS_REQUIRE(strspn(text, " \t") == strlen(text));
}

static void check_basic(struct vs_view input, size_t size)
{
	char *password = vs_alloc(size);
	int rc = vs_basic_password(input, password, size);

	VS_REQUIRE(strnlen(password, size) < size);
	VS_REQUIRE(rc == 0 || password[0] == '\0');
	for (const char *at = password; *at != '\0'; at++)
		VS_REQUIRE((unsigned char)*at >= ' ' && *at != 0x7f);
	vs_free(password);
}

/* Every key that was taken is found, under a name that was given or made up. */
static void check_keys(struct vs_view input)
{
	struct bearer_keys keys = {0};
	struct vs_view rest = input;
	size_t line = 0;

	if (bearer_keys_add_lines(&keys, input.ptr, input.len, &line) != NULL)
		VS_REQUIRE(line >= 1 && line <= input.len);
	bearer_keys_fini(&keys);
	while (rest.len > 0) {
		struct vs_view entry = fuzz_line(&rest);
		const char *fault = bearer_keys_add(&keys, entry.ptr, entry.len);

		if (fault != NULL) {
			fuzz_require_sentence(fault, 100);
			continue;
		}
		VS_REQUIRE(keys.count > 0 && keys.weak <= keys.count);
	}
	for (size_t i = 0; i < keys.count; i++)
		fuzz_require_sentence(keys.rows[i].principal, BEARER_NAME_SIZE);
	bearer_keys_fini(&keys);
	bearer_keys_fini(&keys);
	if (bearer_keys_add(&keys, input.ptr, input.len) == NULL && memchr(input.ptr, '=', input.len) == NULL)
		VS_REQUIRE(bearer_keys_find(&keys, input.ptr, input.len) == keys.rows);
	bearer_keys_fini(&keys);
}

void fuzz_one(struct vs_view input)
{
	char *text = vs_strndup(input.ptr, input.len);

	check_bearer(text);
	check_basic(input, 1024);
	check_basic(input, 1 + fuzz_choice(input, 1, 16));
	if (input.len > 0)
		check_keys(input);
	vs_free(text);
}
