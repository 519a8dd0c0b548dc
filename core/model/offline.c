#include "model/offline.h"

#define WITNESSES_NEEDED 2

bool vs_server_is_offline(const struct vs_offline_evidence *evidence)
{
	return evidence->witnesses >= WITNESSES_NEEDED && evidence->failed >= evidence->witnesses &&
	       evidence->silent_ms >= evidence->interval_ms;
}
