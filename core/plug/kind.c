#include "plug/kind.h"

#include <string.h>

#include "config/instance.h"

static const char *const folders[VS_KIND_COUNT] = {
	[VPNS_KIND_PROBE - 1] = "probes",
	[VPNS_KIND_NOTIFIER - 1] = "notifiers",
	[VPNS_KIND_AUTH - 1] = "auth",
	[VPNS_KIND_STORE - 1] = "stores",
};

const char *vs_kind_folder(uint32_t kind)
{
	return kind >= 1 && kind <= VS_KIND_COUNT ? folders[kind - 1] : "?";
}

uint32_t vs_kind_of_word(const char *word)
{
	uint32_t kind;

	for (kind = 1; kind <= VS_KIND_COUNT; kind++) {
		if (strcmp(word, vs_kind_text(kind)) == 0)
			return kind;
	}
	return 0;
}
