#include "server/problem.h"

#include "base/buf.h"
#include "model/json.h"

static const struct {
	int status;
	const char *code;
	const char *title;
} problems[] = {
#define PROBLEM_ROW(name, status, code, title) [VS_P_##name] = {status, code, title},
	VS_API_PROBLEM_ROWS(PROBLEM_ROW)
#undef PROBLEM_ROW
};

int vs_api_problem_status(enum vs_api_problem problem)
{
	return problems[problem].status;
}

const char *vs_api_problem_code(enum vs_api_problem problem)
{
	return problems[problem].code;
}

void vs_api_problem_write(
	enum vs_api_problem problem, const char *detail, const char *member, struct vs_buf *out)
{
	vs_buf_add_char(out, '{');
	vs_json_member(out, "type", "about:blank");
	vs_json_member(out, "title", problems[problem].title);
	vs_json_member_int(out, "status", problems[problem].status);
	vs_json_member(out, "error", problems[problem].code);
	if (detail != NULL && detail[0] != '\0')
		vs_json_member(out, "detail", detail);
	if (member != NULL && member[0] != '\0')
		vs_json_member(out, "member", member);
	vs_buf_add_text(out, "}\n");
}
