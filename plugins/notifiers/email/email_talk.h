/* A conversation with a mail server, followed from outside: who refused what, and in which words. Pure. */
#ifndef EMAIL_TALK_H
#define EMAIL_TALK_H

#include <stddef.h>
#include <stdint.h>

enum { EMAIL_RECIPIENTS = 32, EMAIL_WORD = 240, EMAIL_SAID = 512 };

enum email_phase {
	EMAIL_GREETING,
	EMAIL_HELLO,
	EMAIL_TLS,
	EMAIL_AUTH,
	EMAIL_FROM,
	EMAIL_TO,
	EMAIL_DATA,
	EMAIL_END
};

struct email_talk {
	enum email_phase phase;
	int over; /* we said goodbye: nothing of what follows matters */
	uint32_t code; /* of the answer to what was said last; 0: none yet */
	uint32_t asked; /* recipients so far */
	uint32_t codes[EMAIL_RECIPIENTS]; /* the answer to each */
	char word[EMAIL_WORD]; /* that answer: UTF-8 in one line, without what we said to log in */
	char refusal[EMAIL_WORD]; /* the last answer of 4yz or 5yz to a recipient */
	char said[EMAIL_SAID]; /* while logging in: what the other side must not repeat to anybody */
};

void email_talk_begin(struct email_talk *talk);

/* We sent this line, or these bytes, which may lack an end. */
void email_talk_said(struct email_talk *talk, const char *bytes, size_t len);

/* We got this line. Those of an answer that goes on ("250-...") are passed over. */
void email_talk_heard(struct email_talk *talk, const char *bytes, size_t len);

#endif
