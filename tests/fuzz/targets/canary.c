/* A canary: the header that vouches for it in the first line, then its body. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "model/json.h"
#include "server/canary_word.h"

static void check_signature(struct vs_view header)
{
	struct vs_canary_signature signature;

	if (!vs_canary_signature_parse(&signature, header))
		return;
	VS_REQUIRE(signature.time_s >= 0);
	VS_REQUIRE(signature.time.ptr >= header.ptr);
	VS_REQUIRE(signature.time.ptr + signature.time.len <= header.ptr + header.len);
	for (size_t i = 0; i < signature.time.len; i++)
		VS_REQUIRE(signature.time.ptr[i] >= '0' && signature.time.ptr[i] <= '9');
}

static void check_body(struct vs_view body)
{
	struct vs_canary_word word;

	memset(&word, 0xee, sizeof(word));
	if (!vs_canary_word_parse(&word, body)) {
		VS_REQUIRE(word.client_id[0] == '\0' && word.device[0] == '\0');
		return;
	}
	fuzz_require_text(word.client_id, sizeof(word.client_id));
	fuzz_require_text(word.device, sizeof(word.device));
	VS_REQUIRE(vs_client_id_valid(vs_view_of(word.client_id)));
	VS_REQUIRE(vs_canary_device_valid(vs_view_of(word.device)));
	VS_REQUIRE(strchr(word.device, ' ') == NULL);
	VS_REQUIRE(strlen(word.nonce) >= 16);
}

void fuzz_begin(void)
{
	vs_json_setup();
}

void fuzz_one(struct vs_view input)
{
	struct vs_view rest = input;
	struct vs_view line = fuzz_line(&rest);
	char *header = fuzz_copy(line);
	char *body = fuzz_copy(rest);

	check_signature((struct vs_view){header, line.len});
	check_body((struct vs_view){body, rest.len});
	free(header);
	free(body);
}
