#include "client/aside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"

void vs_set_aside(const char *path, const char *why)
{
	struct vs_buf target;

	vs_buf_init(&target);
	vs_buf_printf(&target, "%s.corrupt", path);
	if (rename(path, vs_buf_text(&target)) == 0)
		vs_log(VS_LOG_WARN, "client", "%s is damaged (%s): it was set aside as %s", path, why,
			vs_buf_text(&target));
	else
		vs_log(VS_LOG_WARN, "client", "%s is damaged (%s) and cannot be set aside: %s", path, why,
			strerror(errno));
	vs_buf_fini(&target);
}
