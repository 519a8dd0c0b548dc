/* Tells the service manager that the process does its work now, as systemd's units of Type=notify want. */
#ifndef VS_BASE_READY_H
#define VS_BASE_READY_H

struct vs_err;

/*
 * path is what the manager put into NOTIFY_SOCKET: a path, or a name behind '@' that no file has. NULL: there
 * is no manager that wants to know. It waits a second at most. VS_ERR_SYSTEM: it could not be told.
 */
int vs_ready_tell(const char *path, struct vs_err *err);

#endif
