#include "model/verdict.h"

#include <string.h>

#include "base/alloc.h"
#include "base/err.h"

#define NAME_OF(id, text, ...) [VS_VERDICT_##id] = text,
static const char *const verdict_names[] = {VS_VERDICT_ROWS(NAME_OF)};
#undef NAME_OF
#define WORDS_OF(id, text, words) [VS_VERDICT_##id] = words,
static const char *const verdict_words[] = {VS_VERDICT_ROWS(WORDS_OF)};
#undef WORDS_OF
#define NAME_OF(id, text) [VS_QUESTION_##id] = text,
static const char *const question_names[] = {VS_QUESTION_ROWS(NAME_OF)};
#undef NAME_OF
#define NAME_OF(id, text) [VS_CONFIDENCE_##id] = text,
static const char *const confidence_names[] = {VS_CONFIDENCE_ROWS(NAME_OF)};
#undef NAME_OF
#define NAME_OF(id, text, words) [VS_SIDE_##id] = text,
static const char *const side_names[] = {VS_SIDE_ROWS(NAME_OF)};
#undef NAME_OF
#define WORDS_OF(id, text, words) [VS_SIDE_##id] = words,
static const char *const side_words[] = {VS_SIDE_ROWS(WORDS_OF)};
#undef WORDS_OF

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *pick(const char *const *names, size_t count, size_t index)
{
	return index < count ? names[index] : "";
}

static int find(uint8_t *index, const char *const *names, size_t count, struct vs_view name)
{
	for (size_t i = 0; i < count; i++)
		if (vs_view_equal_text(name, names[i])) {
			*index = (uint8_t)i;
			return 0;
		}
	return VS_ERR_INVALID;
}

const char *vs_verdict_name(enum vs_verdict verdict)
{
	return pick(verdict_names, COUNT(verdict_names), verdict);
}

const char *vs_verdict_words(enum vs_verdict verdict)
{
	return pick(verdict_words, COUNT(verdict_words), verdict);
}

const char *vs_question_name(enum vs_question question)
{
	return pick(question_names, COUNT(question_names), question);
}

const char *vs_confidence_name(enum vs_confidence confidence)
{
	return pick(confidence_names, COUNT(confidence_names), confidence);
}

const char *vs_side_name(enum vs_side side)
{
	return pick(side_names, COUNT(side_names), side);
}

const char *vs_side_words(enum vs_side side)
{
	return pick(side_words, COUNT(side_words), side);
}

int vs_verdict_parse(uint8_t *verdict, struct vs_view name)
{
	return find(verdict, verdict_names, COUNT(verdict_names), name);
}

int vs_confidence_parse(uint8_t *confidence, struct vs_view name)
{
	return find(confidence, confidence_names, COUNT(confidence_names), name);
}

int vs_side_parse(uint8_t *side, struct vs_view name)
{
	return find(side, side_names, COUNT(side_names), name);
}

void vs_verdicts_fini(struct vs_verdicts *verdicts)
{
	vs_free(verdicts->evidence);
	memset(verdicts, 0, sizeof(*verdicts));
}

static size_t packed_size(const char *const evidence[VS_QUESTIONS])
{
	size_t size = 0;

	for (int q = 0; q < VS_QUESTIONS; q++)
		size += (evidence[q] == NULL ? 0 : strlen(evidence[q])) + 1;
	return size;
}

void vs_verdicts_set(struct vs_verdicts *verdicts, const uint8_t verdict[VS_QUESTIONS],
	const uint8_t confidence[VS_QUESTIONS], const char *const evidence[VS_QUESTIONS])
{
	char *packed = vs_zalloc(packed_size(evidence));
	char *at = packed;

	for (int q = 0; q < VS_QUESTIONS; q++) {
		if (evidence[q] != NULL) {
			strcpy(at, evidence[q]);
			at += strlen(at);
		}
		at++;
	}
	vs_free(verdicts->evidence);
	verdicts->evidence = packed;
	memcpy(verdicts->verdict, verdict, sizeof(verdicts->verdict));
	memcpy(verdicts->confidence, confidence, sizeof(verdicts->confidence));
}

enum vs_verdict vs_verdicts_overall(const struct vs_verdicts *verdicts)
{
	uint8_t worst = VS_VERDICT_NOT_CHECKED;

	for (int q = 0; q < VS_QUESTIONS; q++)
		if (verdicts->verdict[q] > worst)
			worst = verdicts->verdict[q];
	return (enum vs_verdict)worst;
}

const char *vs_verdicts_evidence(const struct vs_verdicts *verdicts, enum vs_question question)
{
	const char *at = verdicts->evidence;

	if (at == NULL)
		return "";
	for (int q = 0; q < (int)question; q++)
		at += strlen(at) + 1;
	return at;
}

const char *vs_verdicts_next(const struct vs_verdicts *verdicts, const char *evidence)
{
	return verdicts->evidence == NULL ? "" : evidence + strlen(evidence) + 1;
}
