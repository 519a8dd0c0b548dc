/* What can stand in a certificate as the name of a server. Pure. */
#include <string.h>

#include "base/addr.h"
#include "base/view.h"
#include "cli/x509.h"

#define NAME_MAX_LEN 253
#define LABEL_MAX_LEN 63
#define LABEL_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

static bool is_label(struct vs_view label)
{
	return label.len >= 1 && label.len <= LABEL_MAX_LEN && strspn(label.ptr, LABEL_CHARS) >= label.len &&
	       label.ptr[0] != '-' && label.ptr[label.len - 1] != '-';
}

static int refuse(const char *name, const char *why, struct vs_err *err)
{
	return vs_err_set(err, VS_ERR_INVALID, "\"%.80s\" cannot be a server's name: %s", name, why);
}

/* What people write instead of a name, and what to write. NULL: nothing of the kind. */
static const char *mistake_in(const char *name)
{
	const char *c;

	if (name[0] == '\0')
		return "it is empty";
	if (strstr(name, "://") != NULL || strchr(name, '/') != NULL)
		return "give the name alone, without scheme and path";
	if (name[0] == '[')
		return "give an IPv6 address without brackets and port";
	if (strchr(name, ':') != NULL)
		return "give the name or the address alone, without a port";
	for (c = name; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			return "write it as DNS has it, in ASCII (xn--...)";
	if (name[strlen(name) - 1] == '.')
		return "leave the dot at its end out";
	if (strlen(name) > NAME_MAX_LEN)
		return "a name has at most 253 characters";
	return NULL;
}

static const char *mistake_in_labels(const char *name)
{
	struct vs_view rest = vs_view_of(name);
	struct vs_view label = {NULL, 0};
	struct vs_view last = label;
	size_t count = 0;
	bool wild = false;

	while (vs_view_split(&rest, '.', &label)) {
		if (count == 0 && label.len == 1 && label.ptr[0] == '*')
			wild = true;
		else if (!is_label(label))
			return memchr(label.ptr, '*', label.len) != NULL
				       ? "a wildcard is the whole first label: *.example.net"
				       : "between dots stand 1 to 63 letters, digits and dashes";
		last = label;
		count++;
	}
	if (wild && count < 3)
		return "a wildcard for a whole top-level domain is refused by every client";
	if (strspn(last.ptr, "0123456789") >= last.len)
		return "it looks like an address and is none";
	return NULL;
}

int vs_x509_check_name(const char *name, struct vs_err *err)
{
	struct vs_addr addr;
	const char *why;

	if (vs_addr_parse(&addr, vs_view_of(name)) == 0)
		return 0;
	why = mistake_in(name);
	if (why == NULL)
		why = mistake_in_labels(name);
	return why == NULL ? 0 : refuse(name, why, err);
}
