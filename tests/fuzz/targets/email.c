/* Any text on its way into a mail, and any bytes that a mail server says. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "notifiers/email/email_address.h"
#include "notifiers/email/email_message.h"
#include "notifiers/email/email_talk.h"

#define LINE_LONGEST 78
#define ID_LONGEST 400 /* the id of a message must not be broken */

static const char *const heads[] = {"Date: ", "From: ", "To: ", "Subject: ", "Message-ID:", "In-Reply-To:",
	"References:", "List-Id: ", "Auto-Submitted: ", "X-VPN-Sentinel-Kind: ", "Importance: ",
	"X-Priority: ", "MIME-Version: ", "Content-Type: ", "Content-Transfer-Encoding: "};

void fuzz_begin(void)
{
}

static int is_known_head(const char *line)
{
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strncmp(line, heads[i], strlen(heads[i])) == 0)
			return 1;
	return line[0] == ' ' && line[1] != ' ' && line[1] != '\r'; /* a header that goes on */
}

/* ASCII, lines that end with CRLF and are not too long, no header that we did not write, no lone dot. */
static void check_bytes(const char *bytes, size_t len)
{
	const char *line = bytes;
	int in_head = 1;

	VS_REQUIRE(strlen(bytes) == len && len > 2);
	while (*line != '\0') {
		const char *end = strstr(line, "\r\n");
		const char *at;

		VS_REQUIRE(end != NULL &&
			   end - line <= (line[0] == ' ' && line[1] == '<' ? ID_LONGEST : LINE_LONGEST));
		for (at = line; at < end; at++)
			VS_REQUIRE((*at >= ' ' && *at < 0x7f) || *at == '\t');
		if (in_head && end == line)
			in_head = 0;
		else if (in_head)
			VS_REQUIRE(is_known_head(line));
		else
			VS_REQUIRE(line[0] != '.');
		line = end + 2;
	}
	VS_REQUIRE(!in_head);
}

static void check_message(const char *text, const char *name)
{
	struct email_address from = {"", "s@vpn.example"};
	struct email_address to[2] = {{"", "a@x.example"}, {"", "b@y.example"}};
	struct email_message message = {
		&from, to, 2, 3, INT64_C(1767323045000), text, text, text, text, NULL, NULL};

	size_t len;
	char *bytes;

	if (email_message_ref_ok(text))
		message.follows = text;
	else
		message.thread = text;
	strncpy(from.name, name, sizeof(from.name) - 1);
	bytes = email_message_build(&message, &len);
	VS_REQUIRE(bytes != NULL);
	check_bytes(bytes, len);
	free(bytes);
}

static void check_address(const char *text)
{
	struct email_address address;
	const char *at;

	if (email_address_parse(&address, text) < 0)
		return;
	VS_REQUIRE(strlen(address.spec) > 2 && strpbrk(address.spec, " <>\r\n\"(),:;[]\\") == NULL);
	VS_REQUIRE(strchr(address.spec, '@') != NULL && *email_domain(&address) != '\0');
	for (at = address.name; *at != '\0'; at++)
		VS_REQUIRE((unsigned char)*at >= ' ' && *at != 0x7f);
}

/* Lines in turn: what the server says, and, where one begins with '>', what we say. */
static void check_talk(struct vs_view input)
{
	struct email_talk talk;
	struct vs_view line;
	uint32_t i;

	email_talk_begin(&talk);
	while (input.len > 0) {
		line = fuzz_line(&input);
		if (line.len > 0 && line.ptr[0] == '>')
			email_talk_said(&talk, line.ptr + 1, line.len - 1);
		else
			email_talk_heard(&talk, line.ptr, line.len);
		fuzz_require_text(talk.word, sizeof(talk.word));
		fuzz_require_text(talk.refusal, sizeof(talk.refusal));
		for (i = 0; talk.word[i] != '\0'; i++)
			VS_REQUIRE((unsigned char)talk.word[i] >= ' ' && talk.word[i] != 0x7f);
		VS_REQUIRE(talk.code == 0 || (talk.code >= 200 && talk.code <= 599));
		VS_REQUIRE(strlen(talk.said) < 4 || strstr(talk.word, talk.said) == NULL);
	}
}

void fuzz_one(struct vs_view input)
{
	char *text = vs_strndup(input.ptr, input.len);

	check_message(text, text);
	check_address(text);
	check_talk(input);
	vs_free(text);
}
