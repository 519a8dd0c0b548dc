/* What the files share that judge DNS by resolvers. */
#ifndef VS_MODEL_JUDGE_DNS_INSIDE_H
#define VS_MODEL_JUDGE_DNS_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/judge_inside.h"
#include "model/resolvers.h"

/* What holds for all resolvers of a case. */
struct vs_dns_signs {
	bool beside; /* the kernel routes queries beside the tunnel, and all else into it */
	bool partly; /* some of them beside it */
	bool through; /* ... and them into it */
	bool translated; /* what the own zone takes for resolvers is a gateway before the server */
	bool ecs_exit; /* a resolver was told the exit's network as its client's */
	struct vs_prefix ecs; /* that network */
	bool agreed; /* two techniques, or the own zone with enough names */
};

/* The answer for one resolver. */
struct vs_ruling {
	const struct vs_resolver *resolver;
	struct vs_belongs belongs; /* as far as it was asked for */
	const char *keeper; /* who runs the public resolver; NULL: it is none */
	const struct vs_exit_seen *exit; /* that it was compared with; NULL: none */
	uint8_t rule, verdict, confidence;
};

/*
 * judge_ecs.c: whether a resolver was told the home network, which gives the answer; if it was the exit's,
 * signs say so. And whether it was one that is neither, which takes the place of an answer that is no leak.
 */
bool vs_judge_ecs_home(struct vs_answer *answer, const struct vs_scene *scene, struct vs_dns_signs *signs);
void vs_judge_ecs_foreign(struct vs_scene *scene);

/* By the table of resolvers, from the first row that fits. */
void vs_rule_on_resolver(struct vs_scene *scene, const struct vs_dns_signs *signs,
	const struct vs_resolver *resolver, struct vs_ruling *ruling);

/* The sentence of a ruling. */
void vs_say_ruling(struct vs_sentence *to, const struct vs_scene *scene, const struct vs_dns_signs *signs,
	const struct vs_ruling *ruling);

#endif
