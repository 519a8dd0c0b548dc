/* What a Content-Type says about a body. Pure. */
#ifndef VS_SERVER_MEDIA_TYPE_H
#define VS_SERVER_MEDIA_TYPE_H

#include <stdbool.h>

#include "base/view.h"

/*
 * "application/json" in any case, whatever parameters follow; a charset must be UTF-8, or ASCII
 * which is part of it. No header at all (ptr NULL) is taken for JSON: many small clients send none.
 */
bool vs_media_type_is_json(struct vs_view content_type);

#endif
