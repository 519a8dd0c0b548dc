/* The words of judging: verdicts, questions, confidence. Each with its name on the wire. */
#ifndef VS_MODEL_VERDICT_H
#define VS_MODEL_VERDICT_H

#include <stdint.h>

#include "base/view.h"

/* From best to worst: the overall verdict is the greatest. */
#define VS_VERDICT_ROWS(X)                                                                                   \
	X(NOT_CHECKED, "not_checked", "not checked yet")                                                     \
	X(SECURE, "secure", "secure")                                                                        \
	X(THIRD_PARTY, "third_party", "seen by a third party")                                               \
	X(UNKNOWN, "unknown", "not everything could be measured")                                            \
	X(EXPOSED, "exposed", "exposed")                                                                     \
	X(VIOLATION, "violation", "against the policy")                                                      \
	X(LEAK, "leak", "leaking")                                                                           \
	X(DOWN, "down", "down")

enum vs_verdict {
#define VS_VERDICT_ENUM(name, text, words) VS_VERDICT_##name,
	VS_VERDICT_ROWS(VS_VERDICT_ENUM)
#undef VS_VERDICT_ENUM
};

#define VS_QUESTION_ROWS(X)                                                                                  \
	X(TUNNEL, "tunnel") X(DNS, "dns") X(IPV6, "ipv6") X(POLICY, "policy") X(KILLSWITCH, "killswitch")

enum vs_question {
#define VS_QUESTION_ENUM(name, text) VS_QUESTION_##name,
	VS_QUESTION_ROWS(VS_QUESTION_ENUM)
#undef VS_QUESTION_ENUM
		VS_QUESTIONS
};

#define VS_CONFIDENCE_ROWS(X) X(NONE, "none") X(LOW, "low") X(MEDIUM, "medium") X(HIGH, "high")

enum vs_confidence {
#define VS_CONFIDENCE_ENUM(name, text) VS_CONFIDENCE_##name,
	VS_CONFIDENCE_ROWS(VS_CONFIDENCE_ENUM)
#undef VS_CONFIDENCE_ENUM
};

const char *vs_verdict_name(enum vs_verdict verdict);
const char *vs_verdict_words(enum vs_verdict verdict); /* for people: "leaking" */
const char *vs_question_name(enum vs_question question);
const char *vs_confidence_name(enum vs_confidence confidence);

/* 0 or VS_ERR_INVALID. */
int vs_verdict_parse(uint8_t *verdict, struct vs_view name);
int vs_confidence_parse(uint8_t *confidence, struct vs_view name);

/* How the keepalive arrived, compared with the exit. */
#define VS_SIDE_ROWS(X)                                                                                      \
	X(NONE, "", "unknown")                                                                               \
	X(EXIT, "exit", "from the exit itself")                                                              \
	X(PRIVATE, "side_path", "over a private network beside the tunnel")                                  \
	X(OTHER, "other_exit", "from another public address than the exit")                                  \
	X(HOME, "home", "from the home network")

enum vs_side {
#define VS_SIDE_ENUM(name, text, words) VS_SIDE_##name,
	VS_SIDE_ROWS(VS_SIDE_ENUM)
#undef VS_SIDE_ENUM
};
const char *vs_side_name(enum vs_side side); /* "" when there is nothing to compare */
const char *vs_side_words(enum vs_side side);
int vs_side_parse(uint8_t *side, struct vs_view name); /* 0 or VS_ERR_INVALID */

/*
 * The answers kept for a client: the sentences are packed. Zeroed: nothing was asked yet. Packed itself,
 * padding would cost 6 bytes a client: it lies where its pointer needs none.
 */
struct vs_verdicts {
	char *evidence; /* VS_QUESTIONS texts, each with its NUL; NULL: all empty */
	uint8_t verdict[VS_QUESTIONS];
	uint8_t confidence[VS_QUESTIONS];
} __attribute__((packed, aligned(2)));

void vs_verdicts_fini(struct vs_verdicts *verdicts);
/* evidence[i] may be NULL. */
void vs_verdicts_set(struct vs_verdicts *verdicts, const uint8_t verdict[VS_QUESTIONS],
	const uint8_t confidence[VS_QUESTIONS], const char *const evidence[VS_QUESTIONS]);
enum vs_verdict vs_verdicts_overall(const struct vs_verdicts *verdicts);
const char *vs_verdicts_evidence(
	const struct vs_verdicts *verdicts, enum vs_question question); /* never NULL */
/* That of the next question, after one which these verdicts gave. */
const char *vs_verdicts_next(const struct vs_verdicts *verdicts, const char *evidence);

#endif
