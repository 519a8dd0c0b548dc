#include "net/http_problem.h"

#include <stddef.h>

#include "base/buf.h"

static const struct {
	int status;
	const char *code;
	const char *title;
} problems[] = {[VS_HTTP_NO_PROBLEM] = {200, "none", "No problem"},
#define PROBLEM_ROW(name, status, code, title) [VS_HTTP_P_##name] = {status, code, title},
	VS_HTTP_PROBLEM_ROWS(PROBLEM_ROW)
#undef PROBLEM_ROW
};

static const struct {
	int status;
	const char *text;
} statuses[] = {
	{200, "OK"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{301, "Moved Permanently"},
	{302, "Found"},
	{303, "See Other"},
	{304, "Not Modified"},
	{307, "Temporary Redirect"},
	{308, "Permanent Redirect"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{410, "Gone"},
	{411, "Length Required"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{417, "Expectation Failed"},
	{422, "Unprocessable Content"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
	{505, "HTTP Version Not Supported"},
	{507, "Insufficient Storage"},
};

int vs_http_problem_status(enum vs_http_problem problem)
{
	return problems[problem].status;
}

void vs_http_problem_format(struct vs_buf *body, int status, const char *code, const char *title)
{
	vs_buf_printf(body, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"error\":\"%s\"}\n",
		title, status, code);
}

void vs_http_problem_body(struct vs_buf *body, enum vs_http_problem problem)
{
	vs_http_problem_format(
		body, problems[problem].status, problems[problem].code, problems[problem].title);
}

const char *vs_http_status_text(int status)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].text;
	return "Unknown";
}
