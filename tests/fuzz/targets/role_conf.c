/* Whole configuration files of both roles, with every section that they have. */
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "config/client_conf.h"
#include "config/env.h"
#include "config/server_conf.h"

static const char *const entries[] = {"A=1", NULL};
static const struct vs_env env = {entries};

void fuzz_begin(void)
{
	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static void check_server(const struct vs_server_conf *conf)
{
	VS_REQUIRE(conf->listen_count >= 1);
	for (size_t i = 0; i < conf->listen_count; i++)
		VS_REQUIRE((conf->listens[i].host != NULL) != (conf->listens[i].path != NULL));
	VS_REQUIRE(conf->server.api_path[0] == '/' || conf->server.api_path[0] == '\0');
	VS_REQUIRE(conf->monitor.interval_ms >= 1000 && conf->monitor.max_clients >= 1);
	VS_REQUIRE(conf->limits.connections >= 1 && conf->limits.body >= 1024);
	VS_REQUIRE(conf->rate_limit.requests == 0 || conf->rate_limit.burst > 0);
	VS_REQUIRE(conf->store.plugin != NULL && conf->state_dir != NULL);
	VS_REQUIRE((conf->tls.cert != NULL) == (conf->tls.key != NULL));
	VS_REQUIRE(conf->home.places.country_count == 0);
	VS_REQUIRE(conf->locate.quorum >= 1 && conf->locate.fresh_ms >= 60000);
	for (size_t i = 0; i < conf->locate.sources.count; i++)
		VS_REQUIRE(conf->locate.sources.items[i].locates);
}

static void check_client(const struct vs_client_conf *conf)
{
	size_t len = strlen(conf->client.server);

	VS_REQUIRE(len > 0 && conf->client.server[len - 1] != '/');
	VS_REQUIRE(conf->client.interval_ms >= 1000 && conf->client.interval_ms <= 86400000);
	VS_REQUIRE((conf->client.cert != NULL) == (conf->client.cert_key != NULL));
	VS_REQUIRE(conf->client.id == NULL || strlen(conf->client.id) <= 100);
}

void fuzz_one(struct vs_view input)
{
	struct vs_problems problems = {0};
	struct vs_server_conf *server;
	struct vs_client_conf *client;
	char path[40];
	int fd;

	/* Another file would be read, and then the same input is not always the same. */
	if (memmem(input.ptr, input.len, "file:", 5) != NULL)
		return;
	fd = memfd_create("conf", MFD_CLOEXEC);
	VS_REQUIRE(fd >= 0 && write(fd, input.ptr, input.len) == (ssize_t)input.len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	server = vs_server_conf_read(path, &env, &problems);
	VS_REQUIRE(server != NULL || problems.errors > 0);
	if (problems.errors == 0)
		check_server(server);
	vs_problems_fini(&problems);
	client = vs_client_conf_read(path, &env, &problems);
	VS_REQUIRE(client != NULL || problems.errors > 0);
	if (problems.errors == 0)
		check_client(client);
	vs_problems_fini(&problems);
	vs_server_conf_destroy(server);
	vs_client_conf_destroy(client);
	vs_log_forget_secrets();
	close(fd);
}
