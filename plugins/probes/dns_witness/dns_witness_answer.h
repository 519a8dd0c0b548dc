/* The address that a distant name server says it was asked from. Pure. */
#ifndef DNS_WITNESS_ANSWER_H
#define DNS_WITNESS_ANSWER_H

#include "vpn_sentinel/service/dns.h"

#include "geo_ip.h"

/* 1 with the first address of this family (4 or 6) in canonical form; 0 when there is none: then it is no
 * witness. */
int dns_witness_answer(
	char out[GEO_IP_SIZE], const struct vpns_dns_record *records, uint32_t count, int family);

#endif
