/* Asks a server as often as it can, or as told, and prints what that was like as one line of JSON. */
#include "conn.h"
#include "histogram.h"
#include "options.h"
#include "request.h"

#include <arpa/inet.h>
#include <signal.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define TIMER_EVENT NULL

struct load {
	struct options options;
	struct conn *conns;
	struct conn **idle; /* a stack */
	unsigned idle_count;
	SSL_CTX *tls; /* NULL: plain */
	int epoll;
	int timer;
	struct histogram histogram;
	uint64_t begun_us;
	uint64_t ended_us;
	uint64_t started; /* requests */
	uint64_t answered; /* with success */
	uint64_t refused; /* with anything else */
	int refusal; /* the first such status */
	uint64_t broken; /* never answered */
	uint64_t body_bytes;
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* User and system time of all its threads, in seconds; 0 when there is no such process. */
static double cpu_of(pid_t pid)
{
	unsigned long user;
	unsigned long system;
	char path[64];
	char text[1024];
	const char *rest;
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = pid > 0 ? fopen(path, "r") : NULL;
	if (file == NULL)
		return 0;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	rest = strrchr(text, ')'); /* the name before it may hold anything */
	if (rest == NULL ||
		sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		return 0;
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double cpu_of_self(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* --- requests -------------------------------------------------------------------------- */

/* When request number `started` is due. */
static uint64_t due_us(const struct load *load)
{
	return load->begun_us + (uint64_t)((double)load->started * 1e6 / load->options.rate);
}

static bool may_start(const struct load *load, uint64_t now)
{
	const struct options *options = &load->options;

	if (options->count > 0 && load->started >= options->count)
		return false;
	if (load->started == 0)
		return true; /* also if nobody gave us the processor until the time was over */
	return options->seconds <= 0 || (double)(now - load->begun_us) < options->seconds * 1e6;
}

/* 304: what it has already is as it was. */
static bool is_success(int status)
{
	return (status >= 200 && status < 300) || status == 304;
}

static void note(struct load *load, struct conn *conn, enum conn_event event)
{
	if (event == CONN_GOES_ON)
		return;
	load->ended_us = now_us();
	if (event == CONN_BROKEN) {
		load->broken++;
	} else if (is_success(conn->reply.status)) {
		load->answered++;
		load->body_bytes += conn->reply.body_len;
		histogram_add(&load->histogram, load->ended_us - conn->begun_us);
	} else {
		load->refusal = load->refused++ == 0 ? conn->reply.status : load->refusal;
	}
	load->idle[load->idle_count++] = conn;
}

static void start(struct load *load, uint64_t begun_us)
{
	struct conn *conn = load->idle[--load->idle_count];
	const struct options *options = &load->options;
	uint32_t id = options->first_id + (uint32_t)(load->started % options->ids);

	conn->begun_us = begun_us;
	load->started++;
	note(load, conn, conn_send(conn, id, options->first_seq + load->started));
}

static void set_timer(struct load *load, uint64_t at_us)
{
	struct itimerspec at = {.it_value = {(time_t)(at_us / 1000000u), (long)(at_us % 1000000u * 1000u)}};

	timerfd_settime(load->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

/* A latency counts from when its request was due: waiting for a free connection is part of it. */
static void start_due(struct load *load)
{
	uint64_t now = now_us();

	while (load->idle_count > 0 && may_start(load, now)) {
		uint64_t due = load->options.rate > 0 ? due_us(load) : now;

		if (due > now) {
			set_timer(load, due);
			return;
		}
		start(load, due);
		now = now_us();
	}
}

static void run(struct load *load)
{
	struct epoll_event events[EVENTS];
	int count;
	int i;

	load->begun_us = now_us();
	load->ended_us = load->begun_us;
	start_due(load);
	while (may_start(load, now_us()) || load->idle_count < load->options.connections) {
		count = epoll_wait(load->epoll, events, EVENTS, load->options.spin ? 0 : 1000);
		for (i = 0; i < count; i++) {
			struct conn *conn = events[i].data.ptr;
			uint64_t expirations;

			if (conn == TIMER_EVENT)
				(void)!read(load->timer, &expirations, sizeof(expirations));
			else
				note(load, conn, conn_ready(conn, events[i].events));
		}
		start_due(load);
		if (count == 0 && (double)(now_us() - load->ended_us) > load->options.patience * 1e6)
			break;
	}
}

/* --- before and after ------------------------------------------------------------------ */

static int set_up(struct load *load, const struct sockaddr_in *peer)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = TIMER_EVENT};
	struct request request;
	unsigned i;

	if (request_init(&request, &load->options) < 0 || histogram_init(&load->histogram) < 0)
		return -1;
	load->tls = load->options.tls ? wire_context() : NULL;
	if (load->options.tls && load->tls == NULL)
		return -1;
	load->conns = calloc(load->options.connections, sizeof(*load->conns));
	load->idle = calloc(load->options.connections, sizeof(*load->idle));
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	load->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (load->conns == NULL || load->idle == NULL || load->epoll < 0 || load->timer < 0)
		return -1;
	epoll_ctl(load->epoll, EPOLL_CTL_ADD, load->timer, &event);
	for (i = 0; i < load->options.connections; i++) {
		conn_init(&load->conns[i], load->epoll, peer, load->tls, &request, load->options.close);
		load->idle[load->idle_count++] = &load->conns[i];
	}
	return 0;
}

static void print(const struct load *load, double server_cpu, double load_cpu)
{
	double seconds = (double)(load->ended_us - load->begun_us) / 1e6;
	uint64_t unanswered = load->options.connections - load->idle_count;
	uint64_t reopened = 0;
	unsigned i;

	for (i = 0; i < load->options.connections; i++)
		reopened += load->conns[i].reopened;
	printf("{\"answered\":%llu,\"refused\":%llu,\"refusal\":%d,\"broken\":%llu,\"reopened\":%llu,",
		(unsigned long long)load->answered, (unsigned long long)load->refused, load->refusal,
		(unsigned long long)(load->broken + unanswered), (unsigned long long)reopened);
	printf("\"seconds\":%.6f,\"rate\":%.1f,\"body_bytes\":%llu,", seconds,
		seconds > 0 ? (double)load->answered / seconds : 0, (unsigned long long)load->body_bytes);
	printf("\"p50_us\":%llu,\"p90_us\":%llu,\"p99_us\":%llu,\"max_us\":%llu,",
		(unsigned long long)histogram_at(&load->histogram, 0.5),
		(unsigned long long)histogram_at(&load->histogram, 0.9),
		(unsigned long long)histogram_at(&load->histogram, 0.99),
		(unsigned long long)load->histogram.max_us);
	printf("\"server_cpu_seconds\":%.2f,\"server_cpu_us\":%.3f,\"load_cpu_seconds\":%.2f}\n", server_cpu,
		load->answered > 0 ? server_cpu * 1e6 / (double)load->answered : 0, load_cpu);
}

static void tear_down(struct load *load)
{
	unsigned i;

	for (i = 0; load->conns != NULL && i < load->options.connections; i++)
		conn_fini(&load->conns[i]);
	SSL_CTX_free(load->tls);
	close(load->timer);
	close(load->epoll);
	histogram_fini(&load->histogram);
	free(load->idle);
	free(load->conns);
}

int main(int argc, char **argv)
{
	struct load load = {.epoll = -1, .timer = -1};
	struct sockaddr_in peer = {.sin_family = AF_INET};
	double server_cpu;

	if (!options_read(&load.options, argc, argv))
		return 2;
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes as it likes */
	peer.sin_port = htons(load.options.port);
	if (inet_pton(AF_INET, load.options.host, &peer.sin_addr) != 1) {
		fprintf(stderr, "load: %s is not an IPv4 address\n", load.options.host);
		return 2;
	}
	if (set_up(&load, &peer) < 0) {
		fputs("load: no memory or descriptors for so many connections\n", stderr);
		return 1;
	}
	server_cpu = cpu_of(load.options.pid);
	run(&load);
	print(&load, cpu_of(load.options.pid) - server_cpu, cpu_of_self());
	tear_down(&load);
	return 0;
}
