#include "config/hidden.h"

#include <string.h>

#include "config/conf.h"
#include "config/option.h"

/* A mistake elsewhere in the file is told at once, and may show the same value. */
static bool sounds_secret(const char *name)
{
	static const char *const words[] = {"key", "token", "secret", "pass"};
	const char *last = strrchr(name, '_');
	size_t i;

	if (last != NULL && (strcmp(last, "_file") == 0 || strcmp(last, "_path") == 0))
		return false;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(name, words[i]) != NULL)
			return true;
	return false;
}

/* A list, or a text that may be one; a map where a list belongs holds them too. */
static void hide(const struct vs_node *value)
{
	static const struct vpns_option secret = {.type = VPNS_OPTION_LIST, .flags = VPNS_OPTION_SECRET};
	const char *text = vs_node_text(value);
	size_t i;

	if (text != NULL)
		vs_option_hide(&secret, text);
	for (i = 0; i < vs_node_count(value); i++) {
		text = vs_node_text(vs_node_item(value, i));
		if (text != NULL)
			vs_option_hide(&secret, text);
	}
}

void vs_hidden_note(const struct vs_node *options)
{
	size_t i;

	if (options == NULL || vs_node_kind(options) != VS_NODE_MAP)
		return;
	for (i = 0; i < vs_node_count(options); i++)
		if (sounds_secret(vs_node_key(options, i, NULL)))
			hide(vs_node_item(options, i));
}
