/*
 * A canary as it arrives: a body, and a header that vouches for it. Pure and total.
 *
 *	{"client_id":"office-vpn","device":"eth0","nonce":"4c1f...","sent_at":"2026-11-23T12:00:00.000Z"}
 *	X-VPN-Sentinel-Signature: t=1795435200,v1=<HMAC-SHA256 of "<t>.<body>" in hexadecimal>
 */
#ifndef VS_SERVER_CANARY_WORD_H
#define VS_SERVER_CANARY_WORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"
#include "model/report.h"
#include "net/hmac.h"

#define VS_CANARY_HEADER "X-VPN-Sentinel-Signature"
#define VS_CANARY_BODY_MAX 1024
#define VS_CANARY_DEVICE_MAX 15 /* bytes of a device's name, as the kernel has it */
#define VS_CANARY_NONCE_MAX 64

struct vs_canary_signature {
	int64_t time_s; /* of the sender's wall clock */
	struct vs_view time; /* the same as written: borrowed from the header */
	unsigned char mac[VS_HMAC_BYTES];
};

struct vs_canary_word {
	char client_id[VS_CLIENT_ID_MAX + 1];
	char device[VS_CANARY_DEVICE_MAX + 1];
	char nonce[VS_CANARY_NONCE_MAX + 1];
};

bool vs_canary_signature_parse(struct vs_canary_signature *signature, struct vs_view header);
bool vs_canary_word_parse(struct vs_canary_word *word, struct vs_view body);

/* A device's name: printable ASCII without blank, '/', quotes and backslash. */
bool vs_canary_device_valid(struct vs_view device);

#endif
