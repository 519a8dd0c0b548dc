/* The judge: facts in, one answer per question out. Pure: the same case, the same answers. */
#ifndef VS_MODEL_JUDGE_H
#define VS_MODEL_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "model/facts.h"
#include "model/report.h"
#include "model/rule.h"
#include "model/verdict.h"

struct vs_atlas;
struct vs_home;
struct vs_names;
struct vs_policies;
struct vs_rules;

#define VS_EVIDENCE_MAX 512
#define VS_WANTED_MAX 8

/* All borrowed. */
struct vs_case {
	const struct vs_facts *facts;
	const struct vs_names *names;
	const struct vs_observation *observations; /* what the sources said about themselves; may be NULL */
	size_t observation_count;
	struct vs_addr source; /* where the keepalive came from; family 0: not known */
	const struct vs_home *home;
	const struct vs_rules *rules;
	const struct vs_atlas *atlas; /* where addresses belong; NULL: nobody looks them up */
	const struct vs_policies *policies; /* NULL: none */
	const char *client_id; /* whom a policy is for; NULL: nobody's */
	int64_t interval_ms; /* the client's own; 0: the rules' */
	int64_t now;
};

struct vs_judgement {
	uint8_t verdict[VS_QUESTIONS];
	uint8_t confidence[VS_QUESTIONS];
	uint8_t rule[VS_QUESTIONS]; /* enum vs_rule: which one decided */
	char evidence[VS_QUESTIONS]
		     [VS_EVIDENCE_MAX]; /* one sentence each, no full stop; "" when not checked */
	enum vs_side side;
	uint8_t cause; /* enum vs_cause: why no exit was told; else VS_CAUSE_NONE */
	struct vs_addr exit; /* what was taken for the exit; family 0: unknown */
	/* Addresses whose place the atlas does not know, or knows only as it was long ago, and which would
	   help to judge. Without an atlas none. */
	struct vs_addr wanted[VS_WANTED_MAX];
	size_t wanted_count;
};

/* Allocates nothing. Every answer depends on the case alone. */
void vs_judge(const struct vs_case *in, struct vs_judgement *out);

#endif
