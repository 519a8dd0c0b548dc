#include "email_talk.h"

#include "post_text.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *word;
	enum email_phase phase;
} commands[] = {
	{"EHLO", EMAIL_HELLO},
	{"HELO", EMAIL_HELLO},
	{"STARTTLS", EMAIL_TLS},
	{"AUTH", EMAIL_AUTH},
	{"MAIL", EMAIL_FROM},
	{"RCPT", EMAIL_TO},
	{"DATA", EMAIL_DATA},
};

void email_talk_begin(struct email_talk *talk)
{
	memset(talk, 0, sizeof(*talk));
}

static int is_command(const char *word, const char *bytes, size_t len)
{
	size_t want = strlen(word);

	return len >= want && strncasecmp(bytes, word, want) == 0 &&
	       (len == want || bytes[want] == ' ' || bytes[want] == '\r' || bytes[want] == '\n');
}

/* The last word of a line of a login: the whole of an answer to a challenge, what follows "AUTH PLAIN". */
static void keep_said(struct email_talk *talk, const char *bytes, size_t len)
{
	const char *blank;

	while (len > 0 && (bytes[len - 1] == '\r' || bytes[len - 1] == '\n'))
		len--;
	blank = memrchr(bytes, ' ', len);
	if (blank != NULL) {
		len -= (size_t)(blank + 1 - bytes);
		bytes = blank + 1;
	}
	if (len >= sizeof(talk->said))
		len = sizeof(talk->said) - 1;
	memcpy(talk->said, bytes, len);
	talk->said[len] = '\0';
}

void email_talk_said(struct email_talk *talk, const char *bytes, size_t len)
{
	int answers = talk->phase == EMAIL_AUTH && talk->code == 334; /* a challenge: no command */
	size_t i;

	/* After a failure the farewell must not hide what it was about. */
	talk->over = talk->over || (!answers && is_command("QUIT", bytes, len));
	if (talk->over)
		return;
	talk->code = 0;
	talk->word[0] = '\0';
	for (i = 0; !answers && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!is_command(commands[i].word, bytes, len))
			continue;
		talk->phase = commands[i].phase;
		if (talk->phase == EMAIL_TO)
			talk->asked++;
		break;
	}
	if (talk->phase == EMAIL_AUTH)
		keep_said(talk, bytes, len);
}

/* A server that repeats a login would get it into the log. */
static void hide_said(struct email_talk *talk)
{
	if (strlen(talk->said) >= 4 && strstr(talk->word, talk->said) != NULL)
		strcpy(talk->word, "(an answer that repeats what we said to log in)");
}

void email_talk_heard(struct email_talk *talk, const char *bytes, size_t len)
{
	uint32_t code = 0;
	size_t i;

	if (talk->over)
		return;
	for (i = 0; i < 3 && i < len && bytes[i] >= '0' && bytes[i] <= '9'; i++)
		code = code * 10 + (uint32_t)(bytes[i] - '0');
	if (i < 3 || code < 200 || code > 599 ||
		(len > 3 && bytes[3] != ' ' && bytes[3] != '\r' && bytes[3] != '\n'))
		return;
	talk->code = code;
	while (len > 0 && (bytes[len - 1] == '\r' || bytes[len - 1] == '\n' || bytes[len - 1] == ' '))
		len--;
	post_words(talk->word, sizeof(talk->word), bytes, len);
	hide_said(talk);
	if (talk->phase != EMAIL_TO || talk->asked == 0)
		return;
	if (talk->asked <= EMAIL_RECIPIENTS)
		talk->codes[talk->asked - 1] = code;
	if (code >= 400)
		memcpy(talk->refusal, talk->word, sizeof(talk->refusal));
}
