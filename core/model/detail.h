/* What a transition says about the client it is about: exit, place, provider, ... */
#ifndef VS_MODEL_DETAIL_H
#define VS_MODEL_DETAIL_H

struct vs_client;
struct vs_incident;
struct vs_names;
struct vs_transition;

/* Adds the client's facts as details, and its overall verdict. An exit that t names already stays. */
void vs_details_of_client(
	struct vs_transition *t, const struct vs_client *client, const struct vs_names *names);

/* Its cause and how many bytes left meanwhile, as far as known. */
void vs_details_of_incident(struct vs_transition *t, const struct vs_incident *incident);

#endif
