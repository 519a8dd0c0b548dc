#include "dns_witness_answer.h"

int dns_witness_answer(
	char out[GEO_IP_SIZE], const struct vpns_dns_record *records, uint32_t count, int family)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (records[i].type != VPNS_DNS_TXT && records[i].type != VPNS_DNS_A &&
			records[i].type != VPNS_DNS_AAAA)
			continue;
		if (geo_ip(out, records[i].text) == family)
			return 1;
	}
	out[0] = '\0';
	return 0;
}
