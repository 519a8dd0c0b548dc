/* The verbs that all kinds on the loop share, each in the table of its own kind. For this folder. */
#ifndef VS_PLUG_VERBS_H
#define VS_PLUG_VERBS_H

#include <stdint.h>

#include "vpn_sentinel/abi.h"

struct vs_instance;
struct vs_op_traits;

extern const struct vs_op_traits vs_probe_traits;
extern const struct vs_op_traits vs_notifier_traits;
extern const struct vs_op_traits vs_auth_traits;

const struct vs_op_traits *vs_verbs_traits(uint32_t kind); /* NULL for a store */
void *vs_verbs_create(struct vs_instance *instance, struct vpns_error *error);
void vs_verbs_cancel(struct vs_instance *instance, vpns_op op); /* the plugin may have none */
void vs_verbs_destroy(struct vs_instance *instance);
int32_t vs_verbs_reconfigure(struct vs_instance *instance, const void *config); /* <0: none, or not taken */

#endif
