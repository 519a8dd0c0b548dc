/* This machine: the state directory, routes, name servers, and whether the role runs. */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "cli/doctor.h"
#include "cli/fetch.h"
#include "loop/loop.h"
#include "model/json.h"
#include "net/dns.h"
#include "net/url.h"

#define LITTLE_MIB 100
#define NO_MIB 10
#define ASK_MS 5000

/* --- the state directory ------------------------------------------------------------------- */

static void check_space(struct vs_doctor *doctor, const char *folder)
{
	struct statvfs disk;
	uint64_t mib;

	if (statvfs(folder, &disk) != 0) {
		vs_findings_add(&doctor->findings, VS_FINDING_UNKNOWN, "disk space", NULL, "%s: %s", folder,
			strerror(errno));
		return;
	}
	mib = (uint64_t)disk.f_bavail * disk.f_frsize / (1024 * 1024);
	if (mib >= LITTLE_MIB && (disk.f_files == 0 || disk.f_favail > 100))
		vs_findings_add(&doctor->findings, VS_FINDING_OK, "disk space", NULL, "%llu MiB free",
			(unsigned long long)mib);
	else
		vs_findings_add(&doctor->findings, mib < NO_MIB ? VS_FINDING_FAIL : VS_FINDING_WARN,
			"disk space", "make room, or move the state directory",
			"%llu MiB and %llu files free for %s", (unsigned long long)mib,
			(unsigned long long)disk.f_favail, folder);
}

void vs_doctor_state_dir(struct vs_doctor *doctor, const char *folder)
{
	struct vs_buf path;
	int fd;

	vs_buf_init(&path);
	vs_buf_printf(&path, "%s/.doctor-XXXXXX", folder);
	fd = mkstemp(path.ptr);
	if (fd < 0) {
		vs_findings_add(&doctor->findings, VS_FINDING_FAIL, "state directory",
			"make it, owned by the user that the role runs as, or set VPN_SENTINEL_STATE_DIR",
			"%s cannot be written: %s", folder, strerror(errno));
	} else {
		close(fd);
		unlink(path.ptr);
		vs_findings_add(&doctor->findings, VS_FINDING_OK, "state directory", NULL,
			"%s can be written", folder);
		check_space(doctor, folder);
	}
	vs_buf_fini(&path);
}

/* --- routes -------------------------------------------------------------------------------- */

/* The device that has this address; "" when none has. */
static void find_device(char *device, size_t size, const struct vs_addr *wanted)
{
	struct ifaddrs *list = NULL;
	struct ifaddrs *item;
	struct vs_addr addr;

	device[0] = '\0';
	if (getifaddrs(&list) != 0)
		return;
	for (item = list; item != NULL && device[0] == '\0'; item = item->ifa_next) {
		if (item->ifa_addr == NULL ||
			(item->ifa_addr->sa_family != AF_INET && item->ifa_addr->sa_family != AF_INET6))
			continue;
		vs_addr_from_sockaddr(&addr, item->ifa_addr);
		if (vs_addr_equal(&addr, wanted))
			snprintf(device, size, "%s", item->ifa_name);
	}
	freeifaddrs(list);
}

/* How a datagram would leave; nothing is sent. False: there is no way. */
static bool find_way(struct vs_buf *out, int family)
{
	static const unsigned char four[] = {1, 1, 1, 1};
	static const unsigned char six[] = {
		0x26, 0x06, 0x47, 0x00, 0x47, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11, 0x11};
	struct sockaddr_storage at = {.ss_family = (sa_family_t)family};
	socklen_t len = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char device[64];
	char text[VS_ADDR_TEXT];
	struct vs_addr addr;
	bool found;

	if (family == AF_INET) {
		memcpy(&((struct sockaddr_in *)&at)->sin_addr, four, sizeof(four));
		((struct sockaddr_in *)&at)->sin_port = htons(9);
	} else {
		memcpy(&((struct sockaddr_in6 *)&at)->sin6_addr, six, sizeof(six));
		((struct sockaddr_in6 *)&at)->sin6_port = htons(9);
	}
	found = fd >= 0 && connect(fd, (struct sockaddr *)&at, len) == 0 &&
		getsockname(fd, (struct sockaddr *)&at, &len) == 0;
	if (fd >= 0)
		close(fd);
	if (!found)
		return false;
	vs_addr_from_sockaddr(&addr, (struct sockaddr *)&at);
	vs_addr_format(&addr, text);
	find_device(device, sizeof(device), &addr);
	vs_buf_printf(out, "by %s (%s)", device[0] != '\0' ? device : "an unknown device", text);
	return true;
}

void vs_doctor_routes(struct vs_doctor *doctor)
{
	struct vs_buf out;
	bool four;
	bool six;

	vs_buf_init(&out);
	vs_buf_add_text(&out, "IPv4 ");
	four = find_way(&out, AF_INET);
	vs_buf_add_text(&out, four ? ", IPv6 " : "none, IPv6 ");
	six = find_way(&out, AF_INET6);
	if (!six)
		vs_buf_add_text(&out, "none");
	vs_findings_add(&doctor->findings, four || six ? VS_FINDING_OK : VS_FINDING_FAIL, "routes",
		four || six ? NULL
			    : "is the VPN up? does this network namespace still have a device, as `ip link` "
			      "shows?",
		"%s", vs_buf_text(&out));
	vs_buf_fini(&out);
}

/* --- names --------------------------------------------------------------------------------- */

void vs_doctor_add_name(struct vs_doctor *doctor, const char *url)
{
	struct vs_addr addr;
	struct vs_url parsed;
	struct vs_err err;
	char *name;
	size_t i;

	if (url == NULL || vs_url_parse(&parsed, vs_view_of(url), &err) < 0 ||
		vs_addr_parse(&addr, parsed.host) == 0 || doctor->name_count == VS_DOCTOR_NAMES)
		return;
	name = vs_strndup(parsed.host.ptr, parsed.host.len);
	for (i = 0; i < doctor->name_count; i++)
		if (strcmp(doctor->names[i], name) == 0)
			break;
	if (i < doctor->name_count || strcmp(name, "localhost") == 0)
		vs_free(name);
	else
		doctor->names[doctor->name_count++] = name;
}

struct asking {
	struct vs_doctor *doctor;
	const char *what;
	const char *name;
	bool system;
	size_t failed;
};

static void on_answer(void *arg, const struct vs_dns_reply *reply)
{
	struct asking *asking = arg;
	/* There is no such name: said by one who answers. */
	bool answered =
		reply->error == VS_DNS_E_OK ||
		(!asking->system && (reply->error == VS_DNS_E_NODATA || reply->error == VS_DNS_E_NXDOMAIN));

	vs_loop_stop(asking->doctor->loop);
	if (!answered)
		asking->failed++;
	if (answered && !asking->system)
		vs_findings_add(&asking->doctor->findings, VS_FINDING_OK, asking->what, NULL,
			"answers in %llu ms", (unsigned long long)reply->elapsed_ms);
	else if (!answered)
		vs_findings_add(&asking->doctor->findings, asking->system ? VS_FINDING_WARN : VS_FINDING_FAIL,
			asking->what,
			asking->system ? "see the name servers above, and /etc/hosts"
				       : "correct /etc/resolv.conf of this namespace; behind a kill switch "
					 "it must name "
					 "a server that is reached through the tunnel",
			"%s: %s", asking->name, reply->error_text);
}

static void ask(struct vs_dns *dns, struct asking *asking, const char *server)
{
	const struct vs_dns_request request = {
		.name = asking->name,
		.server = server,
		.timeout_ms = ASK_MS,
		.system = asking->system,
	};

	if (vs_dns_query(dns, &request, on_answer, asking) != 0)
		vs_loop_run(asking->doctor->loop);
}

struct server_list {
	char texts[8][64];
	size_t count;
};

static void on_server(void *arg, const char *address)
{
	struct server_list *list = arg;

	if (list->count < 8)
		snprintf(list->texts[list->count++], sizeof(list->texts[0]), "%s", address);
}

void vs_doctor_resolver(struct vs_doctor *doctor)
{
	struct asking asking = {.doctor = doctor};
	struct server_list servers = {.count = 0};
	struct vs_dns *dns;
	char what[80];
	size_t i;

	if (doctor->name_count == 0) {
		vs_findings_add(&doctor->findings, VS_FINDING_OK, "names", NULL,
			"none is needed: all that is configured is addresses");
		return;
	}
	dns = vs_dns_create(doctor->loop, NULL);
	vs_dns_nameservers(dns, on_server, &servers);
	asking.name = doctor->names[0];
	for (i = 0; i < servers.count; i++) {
		snprintf(what, sizeof(what), "name server %s", servers.texts[i]);
		asking.what = what;
		ask(dns, &asking, servers.texts[i]);
	}
	asking = (struct asking){.doctor = doctor, .what = "names", .system = true};
	for (i = 0; i < doctor->name_count; i++) {
		asking.name = doctor->names[i];
		ask(dns, &asking, NULL);
	}
	if (asking.failed == 0)
		vs_findings_add(&doctor->findings, VS_FINDING_OK, "names", NULL,
			"all %zu that are configured have addresses", doctor->name_count);
	vs_dns_destroy(dns);
}

/* --- the role ------------------------------------------------------------------------------ */

void vs_doctor_running(struct vs_doctor *doctor, const char *role, const char *state_dir)
{
	struct vs_fetch fetch = {.path = "/health", .timeout_ms = ASK_MS};
	struct vs_fetched fetched;
	struct vs_buf path;
	struct vs_err err;

	vs_buf_init(&path);
	vs_fetched_init(&fetched);
	vs_buf_printf(&path, "%s/%s.sock", state_dir, role);
	fetch.unix_socket = vs_buf_text(&path);
	if (vs_fetch(&fetched, &fetch, &err) < 0) {
		vs_findings_add(&doctor->findings, VS_FINDING_UNKNOWN, role, NULL,
			"does not run here, as far as %s tells", vs_buf_text(&path));
	} else {
		json_t *reply = vs_json_parse(vs_buf_view(&fetched.body), &err);
		const char *status = vs_json_get_text(reply, "status");

		vs_findings_add(&doctor->findings, fetched.status == 200 ? VS_FINDING_OK : VS_FINDING_WARN,
			role, fetched.status == 200 ? NULL : "see its log", "runs, and says %.32s of itself",
			status);
		json_decref(reply);
	}
	vs_fetched_fini(&fetched);
	vs_buf_fini(&path);
}
