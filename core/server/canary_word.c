#include "server/canary_word.h"

#include <string.h>

#include "base/text.h"
#include "model/json.h"

#define TIME_DIGITS_MAX 12

/* "t=1795435200,v1=abcd...": each once, in this order; versions to come may follow. */
bool vs_canary_signature_parse(struct vs_canary_signature *signature, struct vs_view header)
{
	struct vs_view time;
	struct vs_view mac;

	if (!vs_view_split(&header, ',', &time) || !vs_view_split(&header, ',', &mac))
		return false;
	time = vs_view_trim(time);
	mac = vs_view_trim(mac);
	if (!vs_view_starts_with(time, "t=") || !vs_view_starts_with(mac, "v1="))
		return false;
	signature->time = (struct vs_view){time.ptr + 2, time.len - 2};
	mac = (struct vs_view){mac.ptr + 3, mac.len - 3};
	return signature->time.len <= TIME_DIGITS_MAX && signature->time.len > 0 &&
	       signature->time.ptr[0] != '-' && vs_int_parse(&signature->time_s, signature->time) == 0 &&
	       vs_hmac_parse(signature->mac, mac);
}

bool vs_canary_device_valid(struct vs_view device)
{
	size_t i;

	for (i = 0; i < device.len; i++)
		if (device.ptr[i] <= ' ' || device.ptr[i] > '~' || strchr("/\"'\\", device.ptr[i]) != NULL)
			return false;
	return device.len > 0 && device.len <= VS_CANARY_DEVICE_MAX;
}

static bool is_nonce(struct vs_view nonce)
{
	size_t i;

	for (i = 0; i < nonce.len; i++)
		if (!((nonce.ptr[i] >= 'a' && nonce.ptr[i] <= 'z') ||
			    (nonce.ptr[i] >= '0' && nonce.ptr[i] <= '9')))
			return false;
	return nonce.len >= 16 && nonce.len <= VS_CANARY_NONCE_MAX;
}

bool vs_canary_word_parse(struct vs_canary_word *word, struct vs_view body)
{
	json_t *root = body.len <= VS_CANARY_BODY_MAX ? vs_json_parse(body, NULL) : NULL;
	struct vs_view id = vs_view_of(vs_json_get_text(root, "client_id"));
	struct vs_view device = vs_view_of(vs_json_get_text(root, "device"));
	struct vs_view nonce = vs_view_of(vs_json_get_text(root, "nonce"));
	bool ok = vs_client_id_valid(id) && vs_canary_device_valid(device) && is_nonce(nonce);

	memset(word, 0, sizeof(*word));
	if (ok) {
		memcpy(word->client_id, id.ptr, id.len);
		memcpy(word->device, device.ptr, device.len);
		memcpy(word->nonce, nonce.ptr, nonce.len);
	}
	json_decref(root);
	return ok;
}
