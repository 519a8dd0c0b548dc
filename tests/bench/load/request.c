#include "request.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Marks in the bodies: as many times the same character as there will be digits. */
#define ID "@@@@@@@"
#define IP "203.1^^.1^^.1^^"
#define SEQ "##########"
#define ADDRESS_DIGITS 10 /* from the first mark to the last */
#define SEQ_BASE 1000000000u /* so that the number is as long as its mark */

static const char flat[] =
	"{\"client_id\":\"bench-" ID "\",\"timestamp\":\"%s\",\"public_ip\":\"" IP "\",\"country\":\"RO\","
	"\"city\":\"Bucharest\",\"region\":\"Bucuresti\",\"provider\":\"AS9009 M247 Europe SRL\","
	"\"timezone\":\"Europe/Bucharest\",\"dns_location\":\"RO\"}";

static const char nested[] =
	"{\"client_id\":\"bench-" ID "\",\"timestamp\":\"%s\",\"public_ip\":\"" IP "\",\"status\":\"alive\","
	"\"client_version\":\"1.0.0\",\"location\":{\"country\":\"RO\",\"city\":\"Bucharest\","
	"\"region\":\"Bucuresti\",\"org\":\"AS9009 M247 Europe SRL\",\"timezone\":\"Europe/Bucharest\"},"
	"\"dns_test\":{\"location\":\"RO\",\"colo\":\"OTP\"}}";

static const char own[] =
	"{\"client_id\":\"bench-" ID "\",\"v\":2,\"timestamp\":\"%s\",\"client_version\":\"0.1.0\","
	"\"seq\":" SEQ ",\"interval_seconds\":300.000,\"started_at\":\"2026-11-23T00:00:00Z\","
	"\"public_ip\":\"" IP "\",\"location\":{\"country\":\"RO\",\"city\":\"Bucharest\","
	"\"region\":\"Bucuresti\",\"org\":\"AS9009 M247 Europe SRL\",\"timezone\":\"Europe/Bucharest\"},"
	"\"dns_test\":{\"location\":\"RO\",\"colo\":\"OTP\"},\"observations\":["
	"{\"source\":\"ipinfo\",\"status\":\"pass\",\"facts\":{\"exit.ip\":\"" IP "\","
	"\"exit.country\":\"RO\",\"exit.city\":\"Bucharest\",\"exit.region\":\"Bucuresti\","
	"\"exit.asn\":\"AS9009\",\"exit.org\":\"M247 Europe SRL\",\"exit.timezone\":\"Europe/Bucharest\"}},"
	"{\"source\":\"cloudflare_trace\",\"status\":\"pass\",\"facts\":{\"trace.ip\":\"" IP "\","
	"\"trace.colo\":\"OTP\",\"dns_location\":\"RO\"}}]}";

/* Its version is new in each request: news that are stored and told, as when a fleet is upgraded. */
static const char upgraded[] =
	"{\"client_id\":\"bench-" ID "\",\"timestamp\":\"%s\",\"public_ip\":\"" IP "\",\"status\":\"alive\","
	"\"client_version\":\"1.1." SEQ "\",\"location\":{\"country\":\"RO\",\"city\":\"Bucharest\","
	"\"region\":\"Bucuresti\",\"org\":\"AS9009 M247 Europe SRL\",\"timezone\":\"Europe/Bucharest\"},"
	"\"dns_test\":{\"location\":\"RO\",\"colo\":\"OTP\"}}";

static const struct {
	const char *name;
	const char *form;
} bodies[] = {{"flat", flat}, {"nested", nested}, {"own", own}, {"upgraded", upgraded}};

static const char *find_form(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (strcmp(bodies[i].name, name) == 0)
			return bodies[i].form;
	fprintf(stderr, "load: there is no body %s: it is flat, nested, own or upgraded\n", name);
	return NULL;
}

/* The forms stand here, three lines above, and have one %s each. */
static int write_body(const char *name, char *out, size_t size)
{
	const char *form = find_form(name);
	const char *gap = form != NULL ? strstr(form, "%s") : NULL;
	time_t now = time(NULL);
	char stamp[32];
	struct tm utc;

	if (gap == NULL)
		return -1;
	gmtime_r(&now, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return snprintf(out, size, "%.*s%s%s", (int)(gap - form), form, stamp, gap + 2);
}

static void find_holes(struct request *request, size_t from)
{
	size_t i;

	for (i = from; i < request->len; i++) {
		char c = request->text[i];
		bool is_mark = c == '@' || c == '^' || c == '#';

		if (!is_mark || request->hole_count == REQUEST_HOLES)
			continue;
		request->holes[request->hole_count].at = i;
		request->holes[request->hole_count++].kind = c;
		i += c == '^' ? ADDRESS_DIGITS - 1 : 0; /* the whole address is one hole */
		while (c != '^' && i + 1 < request->len && request->text[i + 1] == c)
			i++;
	}
}

int request_init(struct request *request, const struct options *options)
{
	char body[REQUEST_MAX / 2] = "";
	char key[256] = "";
	char known[128] = "";
	int body_len = 0;
	int len;

	if (options->get == NULL)
		body_len = write_body(options->body, body, sizeof(body));
	if (body_len < 0)
		return -1;
	if (options->key != NULL)
		snprintf(key, sizeof(key), "Authorization: Bearer %s\r\n", options->key);
	if (options->known != NULL)
		snprintf(known, sizeof(known), "If-None-Match: %s\r\n", options->known);
	if (options->get != NULL)
		len = snprintf(request->text, REQUEST_MAX, "GET %s HTTP/1.1\r\nHost: %s:%u\r\n%s%s%s\r\n",
			options->get, options->host, options->port, key, known,
			options->close ? "Connection: close\r\n" : "");
	else
		len = snprintf(request->text, REQUEST_MAX,
			"POST %s/keepalive HTTP/1.1\r\nHost: %s:%u\r\n%s%sContent-Type: application/json\r\n"
			"Content-Length: %d\r\n\r\n%s",
			options->api, options->host, options->port, key,
			options->close ? "Connection: close\r\n" : "", body_len, body);
	request->len = (size_t)len;
	request->hole_count = 0;
	find_holes(request, request->len - (size_t)body_len);
	return 0;
}

static void put_digits(char *at, unsigned count, uint64_t value)
{
	while (count-- > 0) {
		at[count] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* From the first mark on: six digits name one of a million addresses. */
static void put_address(char *at, uint32_t id)
{
	put_digits(at, 2, id / 10000 % 100);
	put_digits(at + 4, 2, id / 100 % 100);
	put_digits(at + 8, 2, id % 100);
}

void request_fill(struct request *request, uint32_t id, uint64_t seq)
{
	size_t i;

	for (i = 0; i < request->hole_count; i++) {
		char *at = request->text + request->holes[i].at;

		if (request->holes[i].kind == '@')
			put_digits(at, sizeof(ID) - 1, id);
		else if (request->holes[i].kind == '#')
			put_digits(at, sizeof(SEQ) - 1, SEQ_BASE + seq % SEQ_BASE);
		else
			put_address(at, id);
	}
}
