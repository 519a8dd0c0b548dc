/* Between the files of post_contract. */
#ifndef POST_CONTRACT_INSIDE_H
#define POST_CONTRACT_INSIDE_H

#include "post_contract.h"

extern const struct post_subject *subject; /* whose contract it is */

int post_setup(void **state); /* an instance that runs with its options */
struct vpnt_http post_sent(void); /* the answer that means success */

int post_contract_texts(void); /* how many failed */

#endif
