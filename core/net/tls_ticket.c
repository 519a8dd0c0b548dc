#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/clock.h"
#include "net/tls_inside.h"

/*
 * A key seals for as long as a ticket lives and opens for as long again, so that every ticket has its whole
 * life, and what was recorded yesterday cannot be opened with what is in memory today.
 */
#define SEALS_MS (VS_TLS_TICKET_LIFE_S * UINT64_C(1000))
#define OPENS_MS (2 * SEALS_MS)

static bool is_within(const struct vs_tls_ticket_key *key, uint64_t mono_ms, uint64_t age_ms)
{
	return key->made_ms != 0 && mono_ms - key->made_ms < age_ms;
}

static int make(struct vs_tls_ticket_key *key, uint64_t mono_ms)
{
	if (RAND_bytes(key->name, sizeof(key->name)) != 1 ||
		RAND_priv_bytes(key->cipher, sizeof(key->cipher)) != 1 ||
		RAND_priv_bytes(key->mac, sizeof(key->mac)) != 1)
		return VS_ERR_SYSTEM;
	key->made_ms = mono_ms;
	return 0;
}

const struct vs_tls_ticket_key *vs_tls_tickets_seal(struct vs_tls_tickets *tickets, uint64_t mono_ms)
{
	struct vs_tls_ticket_key fresh;

	if (is_within(&tickets->now, mono_ms, SEALS_MS))
		return &tickets->now;
	if (make(&fresh, mono_ms) < 0)
		return NULL;
	tickets->before = tickets->now;
	tickets->now = fresh;
	OPENSSL_cleanse(&fresh, sizeof(fresh));
	return &tickets->now;
}

const struct vs_tls_ticket_key *vs_tls_tickets_open(
	const struct vs_tls_tickets *tickets, const unsigned char *name, uint64_t mono_ms)
{
	const struct vs_tls_ticket_key *const keys[] = {&tickets->now, &tickets->before};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (is_within(keys[i], mono_ms, OPENS_MS) &&
			memcmp(keys[i]->name, name, VS_TLS_TICKET_NAME) == 0)
			return keys[i];
	return NULL;
}

void vs_tls_tickets_fini(struct vs_tls_tickets *tickets)
{
	OPENSSL_cleanse(tickets, sizeof(*tickets));
}

static int set_mac(EVP_MAC_CTX *mac, const struct vs_tls_ticket_key *key)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(
			OSSL_MAC_PARAM_KEY, (void *)(uintptr_t)key->mac, sizeof(key->mac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_CTX_set_params(mac, params);
}

/* OpenSSL's contract: below 0 is a failure, 0 no such key, 1 use the ticket, 2 use it and give a new one. */
static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
	EVP_MAC_CTX *mac, int sealing)
{
	struct vs_tls_tickets *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	const struct vs_tls_ticket_key *key;
	uint64_t now = vs_mono_ms();
	int rc;

	key = sealing ? vs_tls_tickets_seal(tickets, now) : vs_tls_tickets_open(tickets, name, now);
	if (key == NULL)
		return sealing ? -1 : 0;
	if (sealing) {
		memcpy(name, key->name, VS_TLS_TICKET_NAME);
		if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
			return -1;
		rc = EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv);
	} else {
		rc = EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv);
	}
	if (rc != 1 || set_mac(mac, key) != 1)
		return -1;
	return sealing || key == &tickets->now ? 1 : 2;
}

int vs_tls_tickets_use(SSL_CTX *ssl, struct vs_tls_tickets *tickets)
{
	SSL_CTX_set_app_data(ssl, tickets);
	return SSL_CTX_set_tlsext_ticket_key_evp_cb(ssl, on_ticket) == 1 &&
	       SSL_CTX_set_num_tickets(ssl, 1) == 1;
}
