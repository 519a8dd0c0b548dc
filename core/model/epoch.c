#include "model/epoch.h"

#include "model/home.h"
#include "model/rules.h"

uint32_t vs_epoch_now(struct vs_epoch *epoch, const struct vs_home *home, const struct vs_rules *rules)
{
	uint64_t edition = vs_home_edition(home), tolerance = rules->tolerance.edition;

	if (epoch->count != 0 && edition == epoch->home && tolerance == epoch->tolerance)
		return epoch->count;
	epoch->home = edition;
	epoch->tolerance = tolerance;
	epoch->count += epoch->count == UINT32_MAX ? 2 : 1;
	return epoch->count;
}
