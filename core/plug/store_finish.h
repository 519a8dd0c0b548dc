/* How the one finish() of the host table reaches a store's seat. For this folder. */
#ifndef VS_PLUG_STORE_FINISH_H
#define VS_PLUG_STORE_FINISH_H

#include "vpn_sentinel/abi.h"

struct vs_store_seat;

void vs_store_seat_finish(
	struct vs_store_seat *seat, vpns_op op, const struct vpns_result *result); /* [store] */

#endif
