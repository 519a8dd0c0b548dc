/* What the files of the judge share: the case with what its facts say, and an answer in the making. */
#ifndef VS_MODEL_JUDGE_INSIDE_H
#define VS_MODEL_JUDGE_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "model/judge.h"
#include "model/seen.h"
#include "model/sentence.h"

#define VS_WHY_SIZE 200
#define VS_SAID_MAX 120 /* bytes of a list or a name that is told */

/* Where an address belongs, as far as it is known. */
struct vs_belongs {
	uint32_t asn; /* 0: not known */
	uint8_t hosting; /* enum vs_hosting */
	bool looked_up; /* the atlas has it */
	bool stale;
	bool agreed; /* sources of places agree on what is said */
	char country[3]; /* "": not known, or they differ */
	const char *org; /* "": not known */
	char placed[3]; /* the country by the atlas alone; "" */
	const char *sources; /* of the atlas; "" */
	const char *disagreement; /* of the atlas; "" */
};

struct vs_scene {
	const struct vs_case *in;
	struct vs_judgement *out;
	struct vs_seen seen;
	struct vs_belongs exit4, exit6; /* of seen.exit4 and exit6 */
	bool home4, home6; /* they are home */
};

/* One answer under construction. */
struct vs_answer {
	uint8_t *verdict;
	uint8_t *confidence;
	uint8_t *rule;
	struct vs_sentence evidence;
};

struct vs_answer vs_answer_begin(struct vs_judgement *out, enum vs_question question);
void vs_answer_decide(
	struct vs_answer *answer, enum vs_rule rule, enum vs_verdict verdict, enum vs_confidence confidence);
void vs_answer_unknown(struct vs_answer *answer, enum vs_rule rule);
/* Why nothing was measured, in the words of the sources: ": ipinfo: connection refused; ..." */
void vs_answer_say_reasons(struct vs_answer *answer, const struct vs_case *in);
/*
 * What a probe says that could not measure, by the name it begins with: one that could not has no fact that
 * says so. NULL: there is none.
 */
const struct vs_observation *vs_answer_failed(const struct vs_case *in, const char *probe);

bool vs_is_public(const struct vs_addr *addr); /* not private, and an address */

/*
 * Where addr belongs, by the atlas alone; noted as wanted when the atlas does not know it, or only as it
 * was long ago.
 */
void vs_belongs_of(struct vs_scene *scene, const struct vs_addr *addr, struct vs_belongs *belongs);
/* The same of an exit: what the client told about it comes first. */
void vs_belongs_of_exit(struct vs_scene *scene, const struct vs_addr *addr, struct vs_belongs *belongs);
/* What is told about an exit's country, by sources that saw this one. NULL: nothing. Goes on from *at. */
const struct vs_fact_value *vs_belongs_next_country(
	const struct vs_scene *scene, const struct vs_addr *addr, size_t *at);
void vs_belongs_want(struct vs_scene *scene, const struct vs_addr *addr);

/* "AS64500 Example Telecom", "AS64500", or "" */
void vs_belongs_say(struct vs_sentence *to, const struct vs_belongs *belongs);

/* The questions. Each gives its answer, and begins it itself. */
void vs_judge_tunnel(struct vs_scene *scene);
void vs_judge_absence(struct vs_scene *scene, struct vs_answer *answer); /* of the tunnel: no exit was told */
void vs_judge_dns(struct vs_scene *scene);
void vs_judge_dns_location(struct vs_scene *scene, struct vs_answer *answer); /* no resolver was seen */
void vs_judge_ipv6(struct vs_scene *scene);
void vs_judge_policy(struct vs_scene *scene);
void vs_judge_killswitch(struct vs_scene *scene);

#endif
