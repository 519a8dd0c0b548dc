#include "email_message.h"

#include "email_header.h"
#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 76, ID_PART = 120, ID_SIZE = 512 };

void email_message_id(char *out, size_t size, const char *id, const char *domain)
{
	char left[ID_PART + 1];
	size_t i;

	for (i = 0; i < ID_PART && id[i] != '\0'; i++) {
		unsigned char byte = (unsigned char)id[i];
		int good = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
			   (byte >= 'a' && byte <= 'z') || byte == '-';

		left[i] = (char)(good ? byte : '_');
	}
	left[i] = '\0';
	snprintf(out, size, "<%s@%.255s>", i > 0 ? left : "_", domain);
}

int email_message_ref_ok(const char *ref)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	static const char domain_letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	size_t left = ref[0] == '<' ? strspn(ref + 1, letters) : 0;
	const char *domain = ref + left + 2;
	size_t len;

	if (left == 0 || left > ID_PART || ref[left + 1] != '@')
		return 0;
	len = strcspn(domain, ">");
	return len > 0 && len <= 255 && domain[len] == '>' && domain[len + 1] == '\0' &&
	       strspn(domain, domain_letters) == len;
}

/* --- the body, quoted-printable ------------------------------------------------------------- */

struct quoted {
	FILE *out;
	int column;
};

static void put_unit(struct quoted *quoted, unsigned char byte, int literal)
{
	int width = literal ? 1 : 3;

	/* One column stays free for the mark of a line that goes on. */
	if (quoted->column + width > COLUMNS - 1) {
		fputs("=\r\n", quoted->out);
		quoted->column = 0;
		/* A dot would be doubled on its way, and "From " be quoted by some. */
		if (byte == '.' || byte == 'F')
			literal = 0;
	}
	if (literal)
		fputc(byte, quoted->out);
	else
		fprintf(quoted->out, "=%02X", byte);
	quoted->column += literal ? 1 : 3;
}

/* Whether byte may stand for itself, next being what follows it. */
static int is_literal(const struct quoted *quoted, unsigned char byte, char next)
{
	if (byte == ' ' || byte == '\t')
		return next != '\n' && next != '\r' && next != '\0';
	if (quoted->column == 0 && (byte == '.' || byte == 'F'))
		return 0;
	return byte > ' ' && byte < 0x7f && byte != '=';
}

static int is_control(unsigned char byte)
{
	return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

static void put_body(FILE *out, const char *text)
{
	struct quoted quoted = {out, 0};
	size_t len = strlen(text);
	size_t step;
	size_t i;

	for (; len > 0; text += step, len -= step) {
		step = post_char_len(text, len);
		if (*text == '\n') {
			fputs("\r\n", out);
			quoted.column = 0;
		} else if (*text == '\r' && text[1] == '\n') {
			continue;
		} else if (step == 0 || is_control((unsigned char)*text)) {
			put_unit(&quoted, '?', 1);
			step = 1;
		} else {
			for (i = 0; i < step; i++)
				put_unit(&quoted, (unsigned char)text[i],
					is_literal(&quoted, (unsigned char)text[i], text[step]));
		}
	}
	fputs("\r\n", out);
}

/* --- the head ------------------------------------------------------------------------------- */

static void put_thread(FILE *out, const struct email_message *message)
{
	const char *domain = email_domain(message->from);
	char id[ID_SIZE];

	email_message_id(id, sizeof(id), message->id, domain);
	fprintf(out, "Message-ID:\r\n %s\r\n", id);
	if (message->thread != NULL)
		email_message_id(id, sizeof(id), message->thread, domain);
	else if (message->follows != NULL)
		snprintf(id, sizeof(id), "%s", message->follows);
	else
		return;
	fprintf(out, "In-Reply-To:\r\n %s\r\nReferences:\r\n %s\r\n", id, id);
}

static void put_head(FILE *out, const struct email_message *message)
{
	email_header_date(out, message->wall_ms);
	email_header_address(out, "From", message->from);
	email_header_list(out, "To", message->to, message->to_count);
	email_header_text(out, "Subject", message->subject);
	put_thread(out, message);
	fprintf(out, "List-Id: VPN Sentinel\r\n <vpn-sentinel.%.200s>\r\n", email_domain(message->from));
	fputs("Auto-Submitted: auto-generated\r\n", out);
	email_header_text(out, "X-VPN-Sentinel-Kind", message->kind);
	if (message->loud != 1)
		fputs(message->loud > 1 ? "Importance: high\r\nX-Priority: 1\r\n"
					: "Importance: low\r\nX-Priority: 5\r\n",
			out);
	fputs("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	      "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
		out);
}

char *email_message_build(const struct email_message *message, size_t *len)
{
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, len);

	if (out == NULL)
		return NULL;
	put_head(out, message);
	put_body(out, message->body);
	if (ferror(out) != 0) {
		fclose(out);
		free(bytes);
		return NULL;
	}
	if (fclose(out) == 0)
		return bytes;
	free(bytes);
	return NULL;
}
