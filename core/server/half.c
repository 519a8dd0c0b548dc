#include "server/half.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/text.h"

void vs_half_encode(struct vs_buf *out, int64_t at, struct vs_view said)
{
	vs_buf_printf(out, "%" PRId64 " %.*s", at, (int)said.len, said.ptr);
}

void vs_half_decode(struct vs_view text, int64_t *at, struct vs_view *said)
{
	struct vs_view time;

	*said = text;
	if (vs_view_split(said, ' ', &time) && said->ptr != NULL && vs_int_parse(at, time) == 0 && *at >= 0)
		return;
	*said = text;
	*at = 0;
}
