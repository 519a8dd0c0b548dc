/* Where every member of every struct of ABI 1.0 lies. */
#ifndef VS_TESTS_ABI_LAYOUT_H
#define VS_TESTS_ABI_LAYOUT_H

#include <stddef.h>

struct vs_layout_row {
	const char *member; /* "vpns_plugin.magic"; of a whole struct its name */
	size_t offset; /* of a whole struct 0 */
	size_t size;
};

const struct vs_layout_row *vs_layout_now(size_t *count);
const struct vs_layout_row *vs_layout_frozen(size_t *count);

#endif
