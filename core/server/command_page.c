/* Long lists, page by page. */
#include <stdio.h>

#include "server/command_inside.h"

struct vs_command_page vs_command_page(struct vs_command_call *call, size_t most)
{
	return (struct vs_command_page){
		.call = call, .skip = (size_t)(call->line.page - 1) * most, .most = most};
}

bool vs_command_page_takes(struct vs_command_page *page)
{
	bool takes = page->seen >= page->skip && page->shown < page->most &&
		     page->call->answer.len < VS_COMMAND_ANSWER_MAX;

	page->seen++;
	page->shown += takes;
	return takes;
}

static void add_place(const struct vs_command_page *page)
{
	char from[24];
	char to[24];
	char total[24];

	snprintf(from, sizeof(from), "%zu", page->skip + 1);
	snprintf(to, sizeof(to), "%zu", page->skip + page->shown);
	snprintf(total, sizeof(total), "%zu", page->seen);
	vs_buf_add_char(&page->call->answer, '\n');
	vs_command_fill(page->call, "{from} to {to} of {total}",
		(const struct vs_hole[]){{"from", from}, {"to", to}, {"total", total}}, 3);
}

void vs_command_page_end(const struct vs_command_page *page, const char *command)
{
	struct vs_command_call *call = page->call;
	char number[16];

	snprintf(number, sizeof(number), "%u", (unsigned)call->line.page);
	if (page->shown == 0 && page->seen > 0) {
		vs_buf_add_char(&call->answer, '\n');
		vs_command_fill(
			call, "There is no page {page}.", (const struct vs_hole[]){{"page", number}}, 1);
	} else if (page->seen > page->shown) {
		add_place(page);
	}
	if (call->line.page > 1)
		vs_command_offer(call, "\xe2\x97\x80", "%s #%u", command, (unsigned)call->line.page - 1);
	if (page->shown > 0 && page->skip + page->shown < page->seen)
		vs_command_offer(call, "\xe2\x96\xb6", "%s #%u", command, (unsigned)call->line.page + 1);
}
