/* What hysteresis.c shares with its other files, hysteresis_explain.c and hysteresis_late.c. For nobody else.
 */
#ifndef VS_MODEL_HYSTERESIS_INSIDE_H
#define VS_MODEL_HYSTERESIS_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/client.h"
#include "model/kind.h"
#include "model/verdict.h"

struct vs_judgement;
struct vs_transitions;

/* Which answer to which question is which incident. One streak a row, which is stored: append. */
struct vs_hysteresis_row {
	enum vs_question question;
	enum vs_verdict bad;
	enum vs_kind kind;
	bool leaves; /* traffic that should not leaves meanwhile: it is worth counting */
};
extern const struct vs_hysteresis_row vs_hysteresis_rows[VS_STREAKS];

/*
 * Whether row follows from a problem that has its own incident: an exit at home is where no policy wants it,
 * too.
 */
bool vs_hysteresis_explained(struct vs_client *client, const struct vs_hysteresis_row *row);

/*
 * Adds the consequences that this round showed to the evidence of what explains them, also where it was just
 * told: in the transitions from first on.
 */
void vs_hysteresis_name_consequences(struct vs_client *client, const struct vs_judgement *judgement,
	struct vs_transitions *out, size_t first);

#endif
