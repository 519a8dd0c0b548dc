/* Every error that the API can answer: one table of stable codes, as application/problem+json. */
#ifndef VS_SERVER_PROBLEM_H
#define VS_SERVER_PROBLEM_H

struct vs_buf;

/* name, HTTP status, code (stable: clients compare it), title */
#define VS_API_PROBLEM_ROWS(X)                                                                               \
	X(BAD_REPORT, 400, "bad_report", "The report cannot be used")                                        \
	X(BAD_QUERY, 400, "bad_query", "The query cannot be used")                                           \
	X(BAD_BODY, 400, "bad_body", "The body cannot be used")                                              \
	X(NO_CREDENTIALS, 401, "no_credentials", "An API key is needed")                                     \
	X(BAD_CREDENTIALS, 401, "bad_credentials", "The API key is not accepted")                            \
	X(FORBIDDEN, 403, "forbidden", "This is not allowed to you")                                         \
	X(CLIENT_FORBIDDEN, 403, "client_forbidden", "The API key may not speak for this client")            \
	X(NOT_FOUND, 404, "not_found", "There is nothing at this path")                                      \
	X(CLIENT_NOT_FOUND, 404, "client_not_found", "There is no such client")                              \
	X(CHANNEL_NOT_FOUND, 404, "channel_not_found", "There is no such channel")                           \
	X(INCIDENT_NOT_FOUND, 404, "incident_not_found", "There is no such open incident")                   \
	X(SILENCE_NOT_FOUND, 404, "silence_not_found", "There is no such silence")                           \
	X(METHOD_NOT_ALLOWED, 405, "method_not_allowed", "This path does not know this method")              \
	X(BACKUP_REFUSED, 409, "backup_refused", "A backup cannot be made like this")                        \
	X(ALREADY_ACKNOWLEDGED, 409, "already_acknowledged", "Somebody acknowledged it before")              \
	X(TOO_MANY_SILENCES, 409, "too_many_silences", "No more silences can be taken")                      \
	X(UNSUPPORTED_TYPE, 415, "unsupported_media_type", "A report is application/json")                   \
	X(RATE_LIMITED, 429, "rate_limited", "There were too many requests")                                 \
	X(STORE_FAILED, 503, "store_failed", "What is stored cannot be read now")                            \
	X(STORE_BUSY, 503, "store_busy", "The store has too much to do")                                     \
	X(BACKUP_FAILED, 503, "backup_failed", "No backup could be made now")                                \
	X(TOO_MANY_CLIENTS, 503, "too_many_clients", "No more clients can be taken")                         \
	X(AUTH_UNAVAILABLE, 503, "auth_unavailable", "The access check has no answer now")                   \
	X(NOT_READY, 503, "not_ready", "The server is starting or stopping")

enum vs_api_problem {
#define VS_API_PROBLEM_ENUM(name, status, code, title) VS_P_##name,
	VS_API_PROBLEM_ROWS(VS_API_PROBLEM_ENUM)
#undef VS_API_PROBLEM_ENUM
};

int vs_api_problem_status(enum vs_api_problem problem);
const char *vs_api_problem_code(enum vs_api_problem problem);
/*
 * Appends the JSON object. detail is a sentence about this case, member the path of the member of
 * the request's body that it is about; NULL or "": none.
 */
void vs_api_problem_write(
	enum vs_api_problem problem, const char *detail, const char *member, struct vs_buf *out);

#endif
