#include "plug/name.h"

#include <string.h>

#include "vpn_sentinel/fact.h"
#include "vpn_sentinel/note.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool consists_of(const char *name, const char *allowed, size_t longest)
{
	size_t len = strnlen(name, longest + 1);

	return len > 0 && len <= longest && strspn(name, allowed) == len;
}

bool vs_name_is_valid(const char *name)
{
	return consists_of(name, LETTERS DIGITS "_", VPNS_NAME_SIZE - 1) && strchr(LETTERS, name[0]);
}

bool vs_fact_name_is_valid(const char *name)
{
	return consists_of(name, LETTERS DIGITS "_.", VPNS_FACT_NAME_MAX);
}
