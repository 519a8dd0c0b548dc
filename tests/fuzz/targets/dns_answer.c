/* What name servers answer, and what the probes make of it; the list of name servers; Team Cymru's lines. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "net/dns_message.h"
#include "net/dns_server.h"
#include "probes/cymru/cymru_answer.h"
#include "probes/dns_resolver/dns_resolver_answer.h"
#include "probes/dns_witness/dns_witness_answer.h"

void fuzz_begin(void)
{
}

static void require_address(const char *text)
{
	struct vs_addr addr;
	char again[VS_ADDR_TEXT];

	VS_REQUIRE(vs_addr_parse(&addr, vs_view_of(text)) == 0);
	vs_addr_format(&addr, again);
	VS_REQUIRE(strcmp(text, again) == 0);
}

static void require_printable(const char *text)
{
	for (; *text != '\0'; text++)
		VS_REQUIRE(*text >= ' ' && *text <= '~');
}

static void read_text(const char *text)
{
	struct vs_prefix prefix;
	struct cymru_origin origin;
	char org[CYMRU_TEXT];
	char name[CYMRU_NAME];

	if (cymru_origin_parse(&origin, text) == 0) {
		VS_REQUIRE(origin.asn > 0 && origin.bits <= 128);
		VS_REQUIRE(strlen(origin.country) == 0 || strlen(origin.country) == 2);
		VS_REQUIRE(strchr(origin.prefix, '/') != NULL);
		if (cymru_as_parse(org, origin.asn, text) == 0)
			VS_REQUIRE(org[0] != '\0' && strlen(org) < CYMRU_TEXT);
	}
	(void)cymru_origin_name(name, text, "asn.example");
	if (dns_resolver_prefix(org, text))
		VS_REQUIRE(vs_prefix_parse(&prefix, vs_view_of(org)) == 0);
}

static void use(const struct vpns_dns_record *records, uint32_t count)
{
	struct dns_resolver_answer answer;
	struct vs_prefix prefix;
	char address[GEO_IP_SIZE];

	dns_resolver_answer_read(&answer, records, count);
	if (answer.resolver[0] != '\0')
		require_address(answer.resolver);
	if (answer.ecs[0] != '\0')
		VS_REQUIRE(vs_prefix_parse(&prefix, vs_view_of(answer.ecs)) == 0);
	if (dns_witness_answer(address, records, count, 4) || dns_witness_answer(address, records, count, 6))
		require_address(address);
}

static void read_message(struct vs_view input)
{
	struct vs_dns_message *message = malloc(sizeof(*message));
	struct vpns_dns_record *records = calloc(VS_DNS_RECORDS_MAX, sizeof(*records));
	size_t i;
	size_t k;

	VS_REQUIRE(message != NULL && records != NULL);
	if (vs_dns_message_parse(message, input) == 0) {
		VS_REQUIRE(message->count <= VS_DNS_RECORDS_MAX && message->rcode < 16);
		for (i = 0; i < message->count; i++) {
			const struct vs_dns_record *from = &message->records[i];

			require_printable(from->text);
			for (k = 0; k < from->string_count; k++)
				require_printable(from->strings[k]);
			if (from->type == VS_DNS_TYPE_A || from->type == VS_DNS_TYPE_AAAA)
				require_address(from->text);
			records[i] = (struct vpns_dns_record){from->name, from->text,
				(const char *const *)from->strings, (uint32_t)from->string_count, from->type,
				from->ttl, 0};
			read_text(from->text);
		}
		use(records, (uint32_t)message->count);
		vs_dns_message_fini(message);
	}
	free(records);
	free(message);
}

void fuzz_one(struct vs_view input)
{
	struct vs_dns_server servers[VS_DNS_SERVERS_MAX];
	struct vs_dns_server again;
	char text[VS_DNS_SERVER_TEXT];
	size_t count = vs_dns_servers_parse(servers, input);
	char *copy = malloc(input.len + 1);
	size_t i;

	VS_REQUIRE(copy != NULL && count <= VS_DNS_SERVERS_MAX);
	for (i = 0; i < count; i++) {
		vs_dns_server_format(&servers[i], text);
		VS_REQUIRE(vs_dns_server_parse(&again, vs_view_of(text)) == 0);
		VS_REQUIRE(again.port == servers[i].port && vs_addr_equal(&again.addr, &servers[i].addr));
	}
	read_message(input);
	if (input.len > 0)
		memcpy(copy, input.ptr, input.len);
	copy[input.len] = '\0';
	read_text(copy);
	free(copy);
}
