/* A mail server of a few lines on loopback, on a thread of its own: it answers as it is told to, and notes
 * what it hears. */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include <stdint.h>

#define SMTP_RESET "reset" /* instead of an answer: the connection is reset */
#define SMTP_HANG "hang" /* instead of an answer: silence until the other side ends */

enum { SMTP_RCPT = 4 };

/* Answers without their CRLF; NULL: what a friendly server says. */
struct smtp_script {
	const char *greeting;
	const char *ehlo;
	const char *login;
	const char *mail;
	const char *rcpt[SMTP_RCPT]; /* of each recipient in turn */
	const char *data;
	const char *end; /* of the message */
};

struct smtp_server;

/* Serves one connection after another until it is stopped; script is borrowed. */
struct smtp_server *smtp_start(const struct smtp_script *script);
const char *smtp_port(const struct smtp_server *server);
/* No connection is open any more, and all that was heard is whole: each line with its CRLF. */
const char *smtp_heard(struct smtp_server *server);
void smtp_stop(struct smtp_server *server);

#endif
