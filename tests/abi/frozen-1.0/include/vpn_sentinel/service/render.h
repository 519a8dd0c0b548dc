/* Service render/1: an alert as one text, in the instance's language and time zone. [loop] */
#ifndef VPN_SENTINEL_SERVICE_RENDER_H
#define VPN_SENTINEL_SERVICE_RENDER_H

#include "vpn_sentinel/host.h"
#include "vpn_sentinel/notifier.h"

#define VPNS_RENDER_1 "render/1"

#define VPNS_RENDER_PLAIN UINT32_C(1)
#define VPNS_RENDER_HTML UINT32_C(2) /* b, i, code; & < > escaped: what Telegram takes */
#define VPNS_RENDER_LINE UINT32_C(3) /* one line, no newline */

struct vpns_render_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * Writes the text of alert into buffer, NUL-terminated, cut at a whole character (in HTML
	 * never inside a tag or entity) when it exceeds buffer_size bytes or max_utf16 units
	 * (0: no limit), then ending in an ellipsis. Returns the bytes written, <0 on an unknown format.
	 */
	int64_t (*alert)(const struct vpns_host *host, const struct vpns_alert *alert, uint32_t format,
		uint32_t max_utf16, char *buffer, uint64_t buffer_size);
};

#endif
