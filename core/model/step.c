#include "model/step.h"

bool vs_step_time(const struct vs_step *step, int64_t *at)
{
	int64_t moved;

	if (*at == 0 || *at < step->from || *at > step->to)
		return false;
	if (__builtin_add_overflow(*at, step->by_ms, &moved))
		return false;
	*at = moved;
	return true;
}
