#include "model/epoch.h"

#include "model/atlas.h"
#include "model/home.h"
#include "model/policy.h"
#include "model/rules.h"
#include "model/tracker.h"

uint32_t vs_epoch_now(struct vs_epoch *epoch, const struct vs_tracker *tracker, int64_t now)
{
	struct vs_epoch next = {
		.home = vs_home_edition(tracker->home),
		.tolerance = tracker->rules->tolerance.edition,
		.policies = vs_policies_edition(tracker->policies),
		.atlas = vs_atlas_edition(tracker->atlas, now),
		.count = epoch->count,
		.source_hidden = tracker->source_hidden,
	};

	if (next.count != 0 && next.home == epoch->home && next.tolerance == epoch->tolerance &&
		next.policies == epoch->policies && next.atlas == epoch->atlas &&
		next.source_hidden == epoch->source_hidden)
		return next.count;
	next.count += next.count == UINT32_MAX ? 2 : 1;
	*epoch = next;
	return next.count;
}
