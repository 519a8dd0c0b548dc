#include "base/ready.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"

static const char message[] = "READY=1";

static int refuse(struct vs_err *err, const char *path, int why)
{
	return vs_err_set(err, VS_ERR_SYSTEM, "the service manager at %s cannot be told of the start: %s",
		path, strerror(why));
}

static int send_to(const struct sockaddr_un *address, socklen_t len)
{
	const struct timeval patience = {1, 0};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int why = 0;

	if (fd < 0)
		return errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
		sendto(fd, message, sizeof(message) - 1, MSG_NOSIGNAL, (const struct sockaddr *)address,
			len) < 0)
		why = errno;
	close(fd);
	return why;
}

int vs_ready_tell(const char *path, struct vs_err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = path != NULL ? strlen(path) : 0;
	int why;

	if (len == 0)
		return 0;
	if (len >= sizeof(address.sun_path))
		return refuse(err, path, ENAMETOOLONG);
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	why = send_to(&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	return why == 0 ? 0 : refuse(err, path, why);
}
