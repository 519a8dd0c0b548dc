/*
 * Networks that everybody knows: operators of public resolvers, and data centres. Well known facts of
 * the internet and no secret list; what is missing here is judged as any other network.
 */
#ifndef VS_MODEL_NETWORK_H
#define VS_MODEL_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/*
 * Who runs the public resolver at addr, or in the network *asn (0: not known): "Google", "Quad9"; NULL:
 * none that is known. An address that is known by itself tells its network, too. They answer from many
 * countries: where one is says nothing.
 */
const char *vs_network_public_resolver(const struct vs_addr *addr, uint32_t *asn);

/*
 * Whether the network is a data centre's, by its number or by words in org (NULL: not known), such as
 * "Hosting": enum vs_hosting. told is what sources said of one address in it: a NO outweighs words, but no
 * number that everybody knows, since whole networks are accused by the answer.
 */
uint8_t vs_network_hosting(uint8_t told, uint32_t asn, const char *org);

#endif
