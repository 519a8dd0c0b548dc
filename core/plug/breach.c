#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "plug/inside.h"

static const char *const texts[] = {
#define BREACH_TEXT(sort, text) [VS_BREACH_##sort] = (text),
	VS_BREACH_ROWS(BREACH_TEXT)
#undef BREACH_TEXT
};

void vs_instance_lapse(struct vs_instance *instance, enum vs_breach sort)
{
	atomic_store(&instance->last_lapse, (unsigned)sort);
	atomic_fetch_add(&instance->lapses, 1);
}

const char *vs_instance_last_lapse(const struct vs_instance *instance)
{
	return atomic_load(&instance->lapses) > 0 ? texts[atomic_load(&instance->last_lapse)] : "";
}

void vs_instance_breach(struct vs_instance *instance, enum vs_breach sort, const char *format, ...)
{
	char text[512];
	va_list args;

	atomic_fetch_add(&instance->breaches, 1);
	if (sort != VS_BREACH_LATE) /* when it was given up, that operation was a lapse already */
		vs_instance_lapse(instance, sort);
	if (atomic_fetch_or(&instance->breached, 1u << sort) & 1u << sort)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	vs_log(VS_LOG_WARN, instance->label, "%s (told once)", text);
}
