#include "net/dns_message.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"

static void add_escaped(struct vs_buf *out, const unsigned char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (bytes[i] == '\\')
			vs_buf_add_text(out, "\\\\");
		else if (bytes[i] >= ' ' && bytes[i] < 0x7f)
			vs_buf_add_char(out, (char)bytes[i]);
		else
			vs_buf_printf(out, "\\%03u", bytes[i]);
	}
}

static char *read_address(int family, size_t size, const unsigned char *data, size_t len)
{
	char raw[INET6_ADDRSTRLEN];
	char text[VS_ADDR_TEXT];
	struct vs_addr addr;

	if (len != size || inet_ntop(family, data, raw, sizeof(raw)) == NULL ||
		vs_addr_parse(&addr, vs_view_of(raw)) < 0)
		return NULL;
	vs_addr_format(&addr, text);
	return vs_strdup(text);
}

static char *read_name(const ns_msg *handle, const unsigned char *data, size_t len)
{
	char name[NS_MAXDNAME];
	int used = ns_name_uncompress(ns_msg_base(*handle), ns_msg_end(*handle), data, name, sizeof(name));

	return used >= 0 && (size_t)used == len ? vs_strdup(name) : NULL;
}

/* Each string is a byte with its length, and so many bytes. */
static int read_strings(struct vs_dns_record *record, const unsigned char *data, size_t len)
{
	struct vs_buf all;
	struct vs_buf one;
	size_t at;

	for (at = 0; at < len; at += 1 + (size_t)data[at])
		if (data[at] >= len - at)
			return VS_ERR_INVALID;
	vs_buf_init(&all);
	record->strings = vs_calloc(len + 1, sizeof(*record->strings));
	for (at = 0; at < len; at += 1 + (size_t)data[at]) {
		vs_buf_init(&one);
		add_escaped(&one, data + at + 1, data[at]);
		vs_buf_add(&all, one.ptr, one.len);
		record->strings[record->string_count++] = vs_buf_take(&one);
	}
	record->text = vs_buf_take(&all);
	return 0;
}

static int read_data(const ns_msg *handle, const ns_rr *rr, struct vs_dns_record *record)
{
	const unsigned char *data = ns_rr_rdata(*rr);
	size_t len = ns_rr_rdlen(*rr);

	switch (ns_rr_type(*rr)) {
	case ns_t_a:
		record->text = read_address(AF_INET, NS_INADDRSZ, data, len);
		break;
	case ns_t_aaaa:
		record->text = read_address(AF_INET6, NS_IN6ADDRSZ, data, len);
		break;
	case ns_t_txt:
		return read_strings(record, data, len);
	case ns_t_ns:
	case ns_t_cname:
	case ns_t_ptr:
		record->text = read_name(handle, data, len);
		break;
	default:
		record->text = vs_strdup("");
	}
	return record->text != NULL ? 0 : VS_ERR_INVALID;
}

static int read_record(ns_msg *handle, int at, struct vs_dns_record *record)
{
	ns_rr rr;

	if (ns_parserr(handle, ns_s_an, at, &rr) < 0)
		return VS_ERR_INVALID;
	record->name = vs_strdup(ns_rr_name(rr));
	record->type = (uint32_t)ns_rr_type(rr);
	record->ttl = ns_rr_ttl(rr);
	return read_data(handle, &rr, record);
}

static void free_record(struct vs_dns_record *record)
{
	size_t i;

	for (i = 0; i < record->string_count; i++)
		vs_free(record->strings[i]);
	vs_free(record->strings);
	vs_free(record->text);
	vs_free(record->name);
}

void vs_dns_message_fini(struct vs_dns_message *message)
{
	size_t i;

	for (i = 0; i < message->count; i++)
		free_record(&message->records[i]);
	message->count = 0;
}

int vs_dns_message_parse(struct vs_dns_message *message, struct vs_view bytes)
{
	ns_msg handle;
	int count;
	int rc;
	int i;

	memset(message, 0, sizeof(*message));
	if (bytes.len > VS_DNS_BYTES_MAX)
		return VS_ERR_TOO_BIG;
	if (bytes.len < NS_HFIXEDSZ ||
		ns_initparse((const unsigned char *)bytes.ptr, (int)bytes.len, &handle) < 0 ||
		ns_msg_getflag(handle, ns_f_qr) == 0)
		return VS_ERR_INVALID;
	message->rcode = (unsigned)ns_msg_getflag(handle, ns_f_rcode);
	count = ns_msg_count(handle, ns_s_an);
	if (count > VS_DNS_RECORDS_MAX)
		return VS_ERR_TOO_BIG;
	for (i = 0; i < count; i++) {
		rc = read_record(&handle, i, &message->records[message->count++]);
		if (rc < 0) {
			vs_dns_message_fini(message);
			return rc;
		}
	}
	return 0;
}
