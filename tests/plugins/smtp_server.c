#include "smtp_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEARD_MAX = 262144, LINE_SIZE = 1024 };

struct smtp_server {
	const struct smtp_script *script;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t idle;
	int listener;
	int served; /* connections since smtp_heard() */
	char port[8];
	char heard[HEARD_MAX];
	size_t len;
};

/* What one connection has seen. */
struct peer {
	struct smtp_server *server;
	int fd;
	unsigned recipients;
	int in_data;
	int in_login;
	int ended;
};

static void say(struct peer *peer, const char *answer, const char *usual)
{
	const char *text = answer != NULL ? answer : usual;
	struct linger now = {1, 0};
	char byte;

	if (strcmp(text, SMTP_RESET) == 0) {
		setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		peer->ended = 1;
	} else if (strcmp(text, SMTP_HANG) == 0) {
		while (read(peer->fd, &byte, 1) > 0)
			continue;
		peer->ended = 1;
	} else {
		dprintf(peer->fd, "%s\r\n", text);
	}
}

static void on_line(struct peer *peer, const char *line)
{
	const struct smtp_script *script = peer->server->script;

	if (peer->in_data) {
		if (strcmp(line, ".\r\n") != 0)
			return;
		peer->in_data = 0;
		say(peer, script->end, "250 2.0.0 queued");
	} else if (peer->in_login) {
		peer->in_login = 0;
		say(peer, script->login, "235 2.7.0 welcome");
	} else if (strncmp(line, "EHLO", 4) == 0) {
		say(peer, script->ehlo, "250-here\r\n250 AUTH PLAIN LOGIN");
	} else if (strncmp(line, "AUTH", 4) == 0) {
		peer->in_login = 1;
		say(peer, NULL, "334 ");
	} else if (strncmp(line, "MAIL", 4) == 0) {
		say(peer, script->mail, "250 2.1.0 fine");
	} else if (strncmp(line, "RCPT", 4) == 0) {
		say(peer, peer->recipients < SMTP_RCPT ? script->rcpt[peer->recipients] : NULL,
			"250 2.1.5 fine");
		peer->recipients++;
	} else if (strncmp(line, "DATA", 4) == 0) {
		peer->in_data = script->data == NULL;
		say(peer, script->data, "354 go on");
	} else if (strncmp(line, "QUIT", 4) == 0) {
		say(peer, NULL, "221 bye");
		peer->ended = 1;
	} else {
		say(peer, NULL, "500 5.5.1 what?");
	}
}

static void note(struct smtp_server *server, const char *line)
{
	size_t len = strlen(line);

	if (server->len + len >= HEARD_MAX)
		return;
	memcpy(server->heard + server->len, line, len + 1);
	server->len += len;
}

static void serve(struct smtp_server *server, int fd)
{
	struct peer peer = {.server = server, .fd = fd};
	char line[LINE_SIZE];
	FILE *in = fdopen(dup(fd), "r");

	say(&peer, server->script->greeting, "220 here ESMTP");
	while (!peer.ended && in != NULL && fgets(line, sizeof(line), in) != NULL) {
		note(server, line);
		on_line(&peer, line);
	}
	if (in != NULL)
		fclose(in);
	close(fd);
}

static void *run(void *arg)
{
	struct smtp_server *server = arg;
	int fd;

	while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
		serve(server, fd);
		pthread_mutex_lock(&server->mutex);
		server->served++;
		pthread_cond_signal(&server->idle);
		pthread_mutex_unlock(&server->mutex);
	}
	return NULL;
}

struct smtp_server *smtp_start(const struct smtp_script *script)
{
	struct smtp_server *server = calloc(1, sizeof(*server));
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);

	if (server == NULL)
		abort();
	server->script = script;
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->listener, (struct sockaddr *)&address, len) < 0 || listen(server->listener, 8) < 0 ||
		getsockname(server->listener, (struct sockaddr *)&address, &len) < 0)
		abort();
	snprintf(server->port, sizeof(server->port), "%u", ntohs(address.sin_port));
	pthread_mutex_init(&server->mutex, NULL);
	pthread_cond_init(&server->idle, NULL);
	if (pthread_create(&server->thread, NULL, run, server) != 0)
		abort();
	return server;
}

const char *smtp_port(const struct smtp_server *server)
{
	return server->port;
}

const char *smtp_heard(struct smtp_server *server)
{
	pthread_mutex_lock(&server->mutex);
	while (server->served == 0)
		pthread_cond_wait(&server->idle, &server->mutex);
	server->served = 0;
	pthread_mutex_unlock(&server->mutex);
	return server->heard;
}

void smtp_stop(struct smtp_server *server)
{
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
	pthread_cond_destroy(&server->idle);
	pthread_mutex_destroy(&server->mutex);
	free(server);
}
