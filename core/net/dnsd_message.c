#include "net/dnsd_message.h"

#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

#include "base/require.h"

#define HEADER 12
#define ADDITIONAL_MAX 2 /* EDNS, and a signature that nobody looks at */
#define ECS_HEADER 4 /* family, bits, scope */
#define OPTION_HEADER 4 /* code, length */
#define RCODE_BITS 4 /* in the header; the rest is EDNS's */

/* --- reading --------------------------------------------------------------------------- */

/* Bytes that are no part of a host's name are escaped, so that the text is one and ends where it seems to. */
static size_t write_byte(char *out, uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		c = (uint8_t)(c + 'a' - 'A');
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '\\';
	out[1] = (char)('0' + c / 100);
	out[2] = (char)('0' + c / 10 % 10);
	out[3] = (char)('0' + c % 10);
	return 4;
}

static void write_name(char out[VS_DNSD_NAME_TEXT], const ldns_rdf *dname)
{
	const uint8_t *at = ldns_rdf_data(dname);
	size_t size = ldns_rdf_size(dname);
	size_t len = 0;
	size_t i = 0;

	while (i < size && at[i] != 0) {
		size_t end = i + 1 + at[i];

		if (len > 0)
			out[len++] = '.';
		for (i++; i < end && i < size; i++)
			len += write_byte(out + len, at[i]);
	}
	out[len] = '\0';
}

/* RFC 7871, 6: the address has just as many bytes as its bits need, and no bit behind them. */
static bool read_ecs(struct vs_dnsd_ecs *ecs, const uint8_t *data, size_t len)
{
	struct vs_addr addr = {0};
	size_t bytes;
	unsigned most;
	uint8_t bits;

	if (len < ECS_HEADER)
		return false;
	ecs->family = ldns_read_uint16(data);
	bits = data[2];
	addr.family = ecs->family == 1 ? 4 : ecs->family == 2 ? 6 : 0;
	most = addr.family == 4 ? 32 : addr.family == 6 ? 128 : 0;
	bytes = (bits + 7u) / 8;
	if (len != ECS_HEADER + bytes || bits > most || (addr.family == 0 && ecs->family != 0))
		return false;
	ecs->given = true;
	if (addr.family == 0)
		return true;
	memcpy(addr.bytes, data + ECS_HEADER, bytes);
	vs_prefix_of(&ecs->prefix, &addr, bits);
	return vs_addr_equal(&ecs->prefix.addr, &addr);
}

/* False: an option is longer than the data it stands in, or is not what it should be. */
static bool read_options(struct vs_dnsd_query *query, ldns_pkt *packet)
{
	ldns_edns_option_list *list;
	size_t i;

	if (ldns_pkt_edns_data(packet) == NULL || ldns_rdf_size(ldns_pkt_edns_data(packet)) == 0)
		return true;
	list = ldns_pkt_edns_get_option_list(packet);
	if (list == NULL)
		return false;
	for (i = 0; i < ldns_edns_option_list_get_count(list); i++) {
		ldns_edns_option *option = ldns_edns_option_list_get_option(list, i);

		if (ldns_edns_get_code(option) != LDNS_EDNS_CLIENT_SUBNET)
			continue;
		if (query->ecs.given ||
			!read_ecs(&query->ecs, ldns_edns_get_data(option), ldns_edns_get_size(option))) {
			query->ecs.given = false;
			return false;
		}
	}
	return true;
}

static enum vs_dnsd_rcode read_edns(struct vs_dnsd_query *query, ldns_pkt *packet)
{
	query->edns = ldns_pkt_edns(packet);
	if (!query->edns)
		return VS_DNSD_NOERROR;
	query->udp_size = ldns_pkt_edns_udp_size(packet);
	if (ldns_pkt_edns_version(packet) != 0)
		return VS_DNSD_BADVERS;
	return read_options(query, packet) ? VS_DNSD_NOERROR : VS_DNSD_FORMERR;
}

static enum vs_dnsd_rcode check_header(const uint8_t *bytes)
{
	if (LDNS_OPCODE_WIRE(bytes) != LDNS_PACKET_QUERY)
		return VS_DNSD_NOTIMP;
	if (LDNS_QDCOUNT(bytes) != 1 || LDNS_ANCOUNT(bytes) != 0 || LDNS_NSCOUNT(bytes) != 0 ||
		LDNS_ARCOUNT(bytes) > ADDITIONAL_MAX || LDNS_TC_WIRE(bytes))
		return VS_DNSD_FORMERR;
	return VS_DNSD_NOERROR;
}

/* What a reply needs even where no more could be read. */
static ldns_pkt *make_bare(const uint8_t *bytes)
{
	ldns_pkt *packet = ldns_pkt_new();

	VS_REQUIRE(packet != NULL);
	ldns_pkt_set_id(packet, LDNS_ID_WIRE(bytes));
	ldns_pkt_set_opcode(packet, (ldns_pkt_opcode)LDNS_OPCODE_WIRE(bytes));
	ldns_pkt_set_rd(packet, LDNS_RD_WIRE(bytes) != 0);
	return packet;
}

bool vs_dnsd_query_read(struct vs_dnsd_query *query, const void *bytes, size_t len)
{
	ldns_pkt *packet = NULL;
	const ldns_rr *question;

	memset(query, 0, sizeof(*query));
	if (len < HEADER || len > VS_DNSD_QUERY_MAX || LDNS_QR_WIRE((const uint8_t *)bytes))
		return false;
	query->fault = check_header(bytes);
	if (query->fault == VS_DNSD_NOERROR && ldns_wire2pkt(&packet, bytes, len) != LDNS_STATUS_OK)
		query->fault = VS_DNSD_FORMERR;
	if (query->fault != VS_DNSD_NOERROR) {
		query->packet = make_bare(bytes);
		return true;
	}
	query->packet = packet;
	question = ldns_rr_list_rr(ldns_pkt_question(packet), 0);
	query->type = (uint16_t)ldns_rr_get_type(question);
	query->class = (uint16_t)ldns_rr_get_class(question);
	write_name(query->name, ldns_rr_owner(question));
	query->fault = read_edns(query, packet);
	/* The library counts EDNS out of the additional records; RFC 6891 allows it once. */
	if (LDNS_ARCOUNT((const uint8_t *)bytes) > ldns_pkt_arcount(packet) + 1)
		query->fault = VS_DNSD_FORMERR;
	return true;
}

void vs_dnsd_query_fini(struct vs_dnsd_query *query)
{
	ldns_pkt_free(query->packet);
	query->packet = NULL;
}

/* --- writing --------------------------------------------------------------------------- */

static void push_name(ldns_rr *rr, const char *text)
{
	ldns_rdf *name = ldns_dname_new_frm_str(text);

	VS_REQUIRE(name != NULL); /* names come from a configuration that was checked */
	ldns_rr_push_rdf(rr, name);
}

static void push_int(ldns_rr *rr, ldns_rdf_type type, uint32_t number)
{
	ldns_rr_push_rdf(rr, ldns_native2rdf_int32(type, number));
}

static void push_string(ldns_rr *rr, const char *text)
{
	uint8_t bytes[256];
	size_t len = strlen(text);

	VS_REQUIRE(len < sizeof(bytes));
	bytes[0] = (uint8_t)len;
	memcpy(bytes + 1, text, len);
	ldns_rr_push_rdf(rr, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_STR, len + 1, bytes));
}

static void push_soa(ldns_rr *rr, const struct vs_dnsd_record *record, uint32_t negative_ttl)
{
	push_name(rr, record->texts[0]);
	push_name(rr, record->texts[1]);
	push_int(rr, LDNS_RDF_TYPE_INT32, VS_DNSD_SERIAL);
	push_int(rr, LDNS_RDF_TYPE_PERIOD, VS_DNSD_RETRY_S);
	push_int(rr, LDNS_RDF_TYPE_PERIOD, VS_DNSD_RETRY_S);
	push_int(rr, LDNS_RDF_TYPE_PERIOD, VS_DNSD_RETRY_S);
	push_int(rr, LDNS_RDF_TYPE_PERIOD, negative_ttl);
}

static void push_data(ldns_rr *rr, const struct vs_dnsd_record *record, uint32_t negative_ttl)
{
	size_t i;

	switch (record->type) {
	case VS_DNSD_A:
		ldns_rr_push_rdf(rr, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_A, 4, record->addr.bytes));
		break;
	case VS_DNSD_AAAA:
		ldns_rr_push_rdf(rr, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_AAAA, 16, record->addr.bytes));
		break;
	case VS_DNSD_SOA:
		push_soa(rr, record, negative_ttl);
		break;
	case VS_DNSD_NS:
		push_name(rr, record->texts[0]);
		break;
	default:
		for (i = 0; i < 2 && record->texts[i] != NULL; i++)
			push_string(rr, record->texts[i]);
	}
}

static ldns_rr *make_record(
	const struct vs_dnsd_query *query, const struct vs_dnsd_record *record, uint32_t negative_ttl)
{
	const ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(query->packet), 0);
	ldns_rr *rr = ldns_rr_new();

	VS_REQUIRE(rr != NULL);
	ldns_rr_set_owner(rr, record->owner == NULL ? ldns_rdf_clone(ldns_rr_owner(question))
						    : ldns_dname_new_frm_str(record->owner));
	ldns_rr_set_type(rr, (ldns_rr_type)record->type);
	ldns_rr_set_class(rr, LDNS_RR_CLASS_IN);
	ldns_rr_set_ttl(rr, record->ttl);
	push_data(rr, record, negative_ttl);
	return rr;
}

static void add_records(ldns_pkt *packet, ldns_pkt_section section, const struct vs_dnsd_query *query,
	const struct vs_dnsd_record *records, size_t count, uint32_t negative_ttl)
{
	size_t i;

	for (i = 0; i < count; i++)
		ldns_pkt_push_rr(packet, section, make_record(query, &records[i], negative_ttl));
}

/* The scope is the network that was named: the answer is for nobody else. */
static void add_ecs(ldns_pkt *packet, const struct vs_dnsd_ecs *ecs)
{
	uint8_t data[OPTION_HEADER + ECS_HEADER + 16];
	size_t bytes = (ecs->prefix.bits + 7u) / 8;

	ldns_write_uint16(data, LDNS_EDNS_CLIENT_SUBNET);
	ldns_write_uint16(data + 2, (uint16_t)(ECS_HEADER + bytes));
	ldns_write_uint16(data + 4, ecs->family);
	data[6] = ecs->prefix.bits;
	data[7] = ecs->prefix.bits;
	memcpy(data + OPTION_HEADER + ECS_HEADER, ecs->prefix.addr.bytes, bytes);
	ldns_pkt_set_edns_data(packet,
		ldns_rdf_new_frm_data(LDNS_RDF_TYPE_UNKNOWN, OPTION_HEADER + ECS_HEADER + bytes, data));
}

static ldns_pkt *begin_reply(const struct vs_dnsd_query *query, const struct vs_dnsd_reply *reply)
{
	ldns_pkt *asked = query->packet;
	ldns_pkt *packet = ldns_pkt_new();
	ldns_rr_list *question = ldns_pkt_question(asked);
	unsigned rcode = (unsigned)reply->rcode;

	VS_REQUIRE(packet != NULL);
	ldns_pkt_set_id(packet, ldns_pkt_id(asked));
	ldns_pkt_set_qr(packet, true);
	ldns_pkt_set_opcode(packet, ldns_pkt_get_opcode(asked));
	ldns_pkt_set_rd(packet, ldns_pkt_rd(asked));
	ldns_pkt_set_aa(packet, reply->authoritative);
	ldns_pkt_set_tc(packet, reply->truncated);
	ldns_pkt_set_rcode(packet, (uint8_t)(rcode & ((1u << RCODE_BITS) - 1)));
	if (ldns_rr_list_rr_count(question) == 1)
		ldns_pkt_push_rr(packet, LDNS_SECTION_QUESTION, ldns_rr_clone(ldns_rr_list_rr(question, 0)));
	if (query->edns) {
		ldns_pkt_set_edns_udp_size(packet, VS_DNSD_UDP_MAX);
		ldns_pkt_set_edns_extended_rcode(packet, (uint8_t)(rcode >> RCODE_BITS));
	}
	if (query->edns && query->ecs.given)
		add_ecs(packet, &query->ecs);
	return packet;
}

/* Frees packet. 0: it is longer than max. */
static size_t end_reply(ldns_pkt *packet, size_t max, unsigned char *out)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	ldns_status status = ldns_pkt2wire(&bytes, packet, &len);

	VS_REQUIRE(status == LDNS_STATUS_OK);
	if (len > max)
		len = 0;
	memcpy(out, bytes, len);
	free(bytes); /* the library's, by its own allocation */
	ldns_pkt_free(packet);
	return len;
}

size_t vs_dnsd_reply_write(const struct vs_dnsd_query *query, const struct vs_dnsd_reply *reply, size_t max,
	unsigned char out[VS_DNSD_REPLY_MAX])
{
	struct vs_dnsd_reply less = *reply;
	ldns_pkt *packet = begin_reply(query, reply);
	size_t len;

	if (max > VS_DNSD_REPLY_MAX)
		max = VS_DNSD_REPLY_MAX;
	if (!reply->truncated) {
		add_records(packet, LDNS_SECTION_ANSWER, query, reply->answer, reply->answer_count,
			reply->negative_ttl);
		add_records(packet, LDNS_SECTION_AUTHORITY, query, reply->authority, reply->authority_count,
			reply->negative_ttl);
	}
	len = end_reply(packet, max, out);
	if (len > 0)
		return len;
	less.truncated = true;
	len = end_reply(begin_reply(query, &less), VS_DNSD_REPLY_MAX, out);
	VS_REQUIRE(len > 0);
	return len;
}
