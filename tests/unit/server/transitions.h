/* Transitions as tests want them: of an incident that stands beside, or notices. */
#ifndef VS_TESTS_TRANSITIONS_H
#define VS_TESTS_TRANSITIONS_H

#include "model/incident.h"
#include "model/transition.h"

static inline struct vs_transition notice_of(const char *client)
{
	struct vs_transition transition;

	vs_transition_init_notice(&transition, VS_KIND_CONNECTED, client, fake_now.wall);
	return transition;
}

static inline struct vs_incident incident_of(enum vs_kind kind, const char *client)
{
	struct vs_incident incident;

	vs_incident_init(&incident, kind, client, fake_now.wall);
	vs_incident_set_evidence(&incident, "something was seen");
	return incident;
}

static inline struct vs_transition change_of(const struct vs_incident *incident, enum vs_change change)
{
	struct vs_transition transition;

	vs_transition_init_incident(&transition, change, incident, fake_now.wall);
	return transition;
}

#endif
