/* What stands in a certificate, as texts and times for people. Texts are made harmless for a line. */
#ifndef VS_NET_TLS_CERT_H
#define VS_NET_TLS_CERT_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

struct vs_buf;

#define VS_TLS_PIN_TEXT 56 /* "sha256//", 44 characters and a NUL */

void vs_tls_cert_title(struct vs_buf *out, const X509_NAME *name); /* "CN=...": a subject or an issuer */
/* "vpn.example.net, 203.0.113.7", at most max of them and how many more there are. Nothing for none. */
void vs_tls_cert_names(struct vs_buf *out, const X509 *cert, int max);
void vs_tls_cert_pin(char pin[VS_TLS_PIN_TEXT], const X509 *cert); /* as libcurl has it; "" without a key */
void vs_tls_cert_serial(char *text, size_t size, const X509 *cert); /* hexadecimal digits in capitals */
int64_t vs_tls_cert_time(const ASN1_TIME *time); /* milliseconds since 1970 */

/* For whatever reads PEM: nobody is asked for a passphrase. */
int vs_tls_no_passphrase(char *to, int size, int writing, void *arg);

#endif
