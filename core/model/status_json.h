/* The object that GET status shows for one client. */
#ifndef VS_MODEL_STATUS_JSON_H
#define VS_MODEL_STATUS_JSON_H

struct vs_buf;
struct vs_client;
struct vs_names;

/* Appends one JSON object, no newline. Unknown texts read "unknown". */
void vs_status_json(struct vs_buf *out, const struct vs_client *client, const struct vs_names *names);

/* The members "verdict" and "verdicts" alone, without braces: the keepalive's answer has them too. */
void vs_status_json_verdicts(struct vs_buf *out, const struct vs_client *client);

#endif
