#include "cli/roff.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static void put(FILE *out, char c)
{
	static const struct {
		char c;
		const char *text;
	} special[] = {
		{'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};
	size_t i;

	for (i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if (special[i].c == c) {
			fputs(special[i].text, out);
			return;
		}
	}
	fputc(c, out);
}

static void put_line(FILE *out, const char *text, size_t len)
{
	size_t i;

	if (len > 0 && text[0] == '.')
		fputs("\\&", out); /* at the start of a line it would call a macro */
	for (i = 0; i < len; i++)
		put(out, text[i]);
}

void vs_roff_inline(FILE *out, const char *text)
{
	put_line(out, text, strlen(text));
}

static void put_capitals(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		put(out, (char)toupper((unsigned char)*text));
}

void vs_roff_title(FILE *out, const char *name, char section, const char *summary)
{
	fputs(".TH ", out);
	put_capitals(out, name);
	fprintf(out, " %c \"\" \"vpn\\-sentinel %s\" \"VPN Sentinel\"\n.SH NAME\n", section, VS_VERSION);
	vs_roff_inline(out, name);
	fputs(" \\- ", out);
	vs_roff_inline(out, summary);
	fputc('\n', out);
}

void vs_roff_section(FILE *out, const char *title)
{
	fprintf(out, ".SH %s\n", title);
}

void vs_roff_term(FILE *out, const char *bold, const char *plain)
{
	fputs(".TP\n", out);
	if (bold != NULL) {
		fputs("\\fB", out);
		vs_roff_inline(out, bold);
		fputs("\\fR", out);
	}
	if (plain != NULL) {
		fputc(' ', out);
		vs_roff_inline(out, plain);
	}
	fputc('\n', out);
}

void vs_roff_text(FILE *out, const char *text)
{
	bool kept = false;
	bool apart = false;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		bool keep = text[0] == ' ';

		if (kept && !keep)
			fputs(".fi\n.RE\n", out);
		if (apart && len > 0 && !(keep && !kept))
			fputs(".PP\n", out);
		if (keep && !kept)
			fputs(apart ? ".PP\n.RS 2\n.nf\n" : ".RS 2\n.nf\n", out);
		kept = keep;
		apart = len == 0;
		if (len > 0) {
			size_t blanks = strspn(text, " ");

			put_line(out, text + blanks, len - blanks);
			fputc('\n', out);
		}
		text += len + (text[len] == '\n');
	}
	if (kept)
		fputs(".fi\n.RE\n", out);
}
