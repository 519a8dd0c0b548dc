#include "email_address.h"

#include <string.h>

enum { LOCAL_MAX = 64 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* RFC 5322's atoms with dots between; quoted local parts are more trouble than anybody's use of them. */
static int local_ok(const char *text, size_t len)
{
	size_t i;

	if (len == 0 || len > LOCAL_MAX || text[0] == '.' || text[len - 1] == '.')
		return 0;
	for (i = 0; i < len; i++) {
		if (text[i] == '.' && text[i + 1] == '.')
			return 0;
		if (strchr(letters, text[i]) == NULL && strchr("!#$%&'*+-/=?^_`{|}~.", text[i]) == NULL)
			return 0;
	}
	return 1;
}

/* A name of labels; a name in other letters must be given in its xn-- form. */
static int domain_ok(const char *text, size_t len)
{
	size_t i;

	if (len == 0 || text[0] == '.' || text[0] == '-' || text[len - 1] == '.' || text[len - 1] == '-')
		return 0;
	for (i = 0; i < len; i++) {
		if (text[i] == '.' && text[i + 1] == '.')
			return 0;
		if (strchr(letters, text[i]) == NULL && text[i] != '-' && text[i] != '.')
			return 0;
	}
	return 1;
}

static int take_spec(struct email_address *address, const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);
	size_t local = at != NULL ? (size_t)(at - text) : 0;

	if (at == NULL || len >= sizeof(address->spec) || !local_ok(text, local) ||
		!domain_ok(at + 1, len - local - 1))
		return -1;
	memcpy(address->spec, text, len);
	address->spec[len] = '\0';
	return 0;
}

static int take_name(struct email_address *address, const char *text, size_t len)
{
	size_t i;

	while (len > 0 && text[len - 1] == ' ')
		len--;
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(address->name))
		return -1;
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return -1;
	memcpy(address->name, text, len);
	address->name[len] = '\0';
	return 0;
}

int email_address_parse(struct email_address *address, const char *text)
{
	size_t len;
	const char *open;

	memset(address, 0, sizeof(*address));
	while (*text == ' ')
		text++;
	len = strlen(text);
	while (len > 0 && text[len - 1] == ' ')
		len--;
	open = memrchr(text, '<', len);
	if (open == NULL)
		return take_spec(address, text, len);
	if (text[len - 1] != '>' || take_name(address, text, (size_t)(open - text)) < 0)
		return -1;
	return take_spec(address, open + 1, len - (size_t)(open - text) - 2);
}

const char *email_domain(const struct email_address *address)
{
	const char *at = strchr(address->spec, '@');

	return at != NULL ? at + 1 : "";
}
