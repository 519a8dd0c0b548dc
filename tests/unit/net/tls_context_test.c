#include <stdbool.h>

#include "net/tls.h"
#include "tls_pki.h"

static int make_folder(void **state)
{
	struct pki_folder *folder = calloc(1, sizeof(*folder));

	assert_non_null(folder);
	pki_folder_make(folder);
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	pki_folder_remove(*state);
	free(*state);
	return 0;
}

static struct vs_tls_context *try(const struct pki_folder *folder, struct vs_err *err)
{
	const struct vs_tls_conf conf = {folder->cert, folder->key, VS_TLS_1_2};

	err->text[0] = '\0';
	return vs_tls_context_create(&conf, err);
}

static void expect_refusal(const struct pki_folder *folder, const char *part)
{
	struct vs_err err;
	struct vs_tls_context *context = try(folder, &err);

	vs_tls_context_unref(context);
	assert_null(context);
	if (strstr(err.text, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, err.text);
}

/* What is warned of at that many seconds from now, one sentence a line. */
static void add_warning(void *arg, const char *sentence)
{
	strcat(arg, sentence);
	strcat(arg, "\n");
}

static const char *warnings_at(const struct vs_tls_facts *facts, long seconds)
{
	static char said[2048];

	said[0] = '\0';
	vs_tls_facts_warn(facts, ((int64_t)time(NULL) + seconds) * 1000, add_warning, said);
	return said;
}

static void a_pair_that_belongs_together_is_taken_and_told_about(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert pair = pki_make(
		&(struct pki_wish){.name = "vpn.example.org", .serial = 0x1234abcd, .until = 90 * PKI_DAY});
	struct vs_err err;
	struct vs_tls_context *context;
	const struct vs_tls_facts *facts;

	pki_write_cert(folder->cert, pair.cert, NULL);
	pki_write_key(folder->key, pair.key, NULL);
	context = try(folder, &err);
	assert_non_null(context);
	facts = vs_tls_context_facts(context);
	assert_string_equal(facts->name, "vpn.example.org");
	assert_string_equal(facts->serial, "1234ABCD");
	assert_string_equal(facts->kind, "ECDSA");
	assert_int_equal(facts->chain, 1);
	assert_true(facts->not_after > ((int64_t)time(NULL) + 89 * PKI_DAY) * 1000);
	assert_true(facts->not_after < ((int64_t)time(NULL) + 91 * PKI_DAY) * 1000);
	assert_true(facts->not_before < (int64_t)time(NULL) * 1000);
	assert_string_equal(warnings_at(facts, 0), "");
	vs_tls_context_unref(context);
	pki_free(&pair);
}

static void a_certificate_is_warned_of_three_weeks_before_its_end_and_after_it(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert pair =
		pki_make(&(struct pki_wish){.name = "x", .from = PKI_DAY, .until = 60 * PKI_DAY});
	struct vs_err err;
	struct vs_tls_context *context;
	const struct vs_tls_facts *facts;

	pki_write_cert(folder->cert, pair.cert, NULL);
	pki_write_key(folder->key, pair.key, NULL);
	context = try(folder, &err);
	assert_non_null(context);
	facts = vs_tls_context_facts(context);
	assert_non_null(strstr(warnings_at(facts, 0), "is not valid before"));
	assert_string_equal(warnings_at(facts, 2 * PKI_DAY), "");
	assert_string_equal(warnings_at(facts, 38 * PKI_DAY), "");
	assert_non_null(strstr(warnings_at(facts, 40 * PKI_DAY + 3600), "expires in 19 days"));
	assert_non_null(strstr(warnings_at(facts, 59 * PKI_DAY), "expires in less than two days"));
	assert_non_null(strstr(warnings_at(facts, 61 * PKI_DAY), "has expired at"));
	vs_tls_context_unref(context);
	pki_free(&pair);
}

static void a_key_that_everybody_may_read_is_warned_of(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x"});
	struct vs_err err;
	struct vs_tls_context *context;

	pki_write_cert(folder->cert, pair.cert, NULL);
	pki_write_key(folder->key, pair.key, NULL);
	assert_int_equal(chmod(folder->key, 0644), 0);
	context = try(folder, &err);
	assert_non_null(context);
	assert_non_null(strstr(warnings_at(vs_tls_context_facts(context), 0), "chmod o-r"));
	vs_tls_context_unref(context);
	pki_free(&pair);
}

static void a_chain_ends_with_the_first_of_its_certificates_and_its_order_is_looked_at(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert root = pki_make(&(struct pki_wish){.name = "root", .ca = true});
	struct pki_cert middle = pki_make(
		&(struct pki_wish){.name = "middle", .ca = true, .issuer = &root, .until = 30 * PKI_DAY});
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x", .issuer = &middle});
	X509 *const right[] = {middle.cert, root.cert, NULL};
	X509 *const wrong[] = {root.cert, middle.cert, NULL};
	X509 *const last[] = {pair.cert, NULL};
	struct vs_err err;
	struct vs_tls_context *context;

	pki_write_key(folder->key, pair.key, NULL);
	pki_write_cert(folder->cert, pair.cert, right);
	context = try(folder, &err);
	assert_non_null(context);
	assert_int_equal(vs_tls_context_facts(context)->chain, 3);
	assert_string_equal(warnings_at(vs_tls_context_facts(context), 0), "");
	assert_non_null(
		strstr(warnings_at(vs_tls_context_facts(context), 25 * PKI_DAY + 3600), "expires in 4 days"));
	vs_tls_context_unref(context);
	pki_write_cert(folder->cert, pair.cert, wrong);
	context = try(folder, &err);
	assert_non_null(context);
	assert_non_null(strstr(warnings_at(vs_tls_context_facts(context), 0),
		"certificate number 1 of the file was not issued by number 2"));
	vs_tls_context_unref(context);
	pki_write_cert(folder->cert, middle.cert, last);
	expect_refusal(folder, "belongs to certificate number 2 in");
	pki_free(&pair);
	pki_free(&middle);
	pki_free(&root);
}

static void a_file_that_is_not_there_or_empty_is_named(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x"});

	expect_refusal(folder, "the certificate: cannot open /tmp/vs-tls-");
	pki_write_text(folder->cert, "");
	expect_refusal(folder, "cert.pem is empty");
	pki_write_cert(folder->cert, pair.cert, NULL);
	expect_refusal(folder, "the key: cannot open /tmp/vs-tls-");
	pki_write_text(folder->key, "");
	expect_refusal(folder, "key.pem is empty");
	pki_free(&pair);
}

static void what_is_no_pem_is_told_from_what_is_another_kind_of_it(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x"});
	FILE *file;

	pki_write_key(folder->key, pair.key, NULL);
	pki_write_text(folder->cert, "hello\n");
	expect_refusal(folder, "cannot be read as PEM");
	pki_write_text(folder->cert, "-----BEGIN CERTIFICATE-----\nMIIB\n");
	expect_refusal(folder, "cannot be read as PEM");
	pki_write_key(folder->cert, pair.key, NULL);
	expect_refusal(
		folder, "holds \"BEGIN PRIVATE KEY\" and no certificate: are 'cert' and 'key' exchanged?");
	file = fopen(folder->cert, "w");
	assert_non_null(file);
	assert_int_equal(i2d_X509_fp(file, pair.cert), 1);
	assert_int_equal(fclose(file), 0);
	expect_refusal(folder, "is in DER form");
	pki_write_cert(folder->cert, pair.cert, NULL);
	pki_write_cert(folder->key, pair.cert, NULL);
	expect_refusal(folder, "holds \"BEGIN CERTIFICATE\" and no key: are 'cert' and 'key' exchanged?");
	pki_write_key(folder->key, pair.key, NULL);
	pki_write_text(folder->cert, "0 is how this text begins\n");
	expect_refusal(folder, "cannot be read as PEM");
	pki_free(&pair);
}

/* OpenSSL would ask for a passphrase at the terminal, and wait. */
static void an_encrypted_block_in_the_certificates_file_asks_nobody(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x"});

	pki_write_key(folder->key, pair.key, NULL);
	pki_write_text(folder->cert,
		"-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
		"DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAAAAAAAAAAAAAAAAAAAA==\n"
		"-----END CERTIFICATE-----\n");
	expect_refusal(folder, "cannot be read as PEM");
	pki_free(&pair);
}

static void a_file_that_is_written_only_in_part_is_refused(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x"});
	X509 *const more[] = {pair.cert, NULL};
	struct stat info;

	pki_write_key(folder->key, pair.key, NULL);
	pki_write_cert(folder->cert, pair.cert, more);
	assert_int_equal(stat(folder->cert, &info), 0);
	assert_int_equal(truncate(folder->cert, info.st_size - 100), 0);
	expect_refusal(folder, "certificate number 2 in the file");
	pki_free(&pair);
}

static void a_key_with_a_passphrase_is_refused_and_nobody_is_asked(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x"});

	pki_write_cert(folder->cert, pair.cert, NULL);
	pki_write_key(folder->key, pair.key, "secret");
	expect_refusal(folder, "is protected by a passphrase");
	pki_free(&pair);
}

static void a_key_of_another_certificate_is_refused(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x"});
	struct pki_cert other = pki_make(&(struct pki_wish){.name = "y"});

	pki_write_cert(folder->cert, pair.cert, NULL);
	pki_write_key(folder->key, other.key, NULL);
	expect_refusal(folder, "does not belong to the certificate");
	pki_free(&pair);
	pki_free(&other);
}

static void a_key_that_is_too_weak_is_refused(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x", .key = pki_rsa(1024)});

	pki_write_cert(folder->cert, pair.cert, NULL);
	pki_write_key(folder->key, pair.key, NULL);
	expect_refusal(folder, "cannot be used: ee key too small");
	pki_free(&pair);
}

/* The one that count certificates of issuer follow. */
static void write_chain(
	const struct pki_folder *folder, const struct pki_cert *pair, X509 *issuer, size_t count)
{
	X509 *more[32] = {NULL};

	assert_true(count < 32);
	while (count > 0)
		more[--count] = issuer;
	pki_write_cert(folder->cert, pair->cert, more);
}

static void a_chain_longer_than_clients_take_is_refused(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert root = pki_make(&(struct pki_wish){.name = "root", .ca = true});
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x", .issuer = &root});
	struct vs_tls_context *context;
	struct vs_err err;

	pki_write_key(folder->key, pair.key, NULL);
	write_chain(folder, &pair, root.cert, 15);
	context = try(folder, &err);
	assert_non_null(context);
	vs_tls_context_unref(context);
	write_chain(folder, &pair, root.cert, 16);
	expect_refusal(folder, "holds 17 certificates");
	expect_refusal(folder, "keep the server's own one");
	pki_free(&pair);
	pki_free(&root);
}

static void a_chain_of_few_but_huge_certificates_is_refused(void **state)
{
	const struct pki_folder *folder = *state;
	struct pki_cert root = pki_make(&(struct pki_wish){.name = "root", .ca = true});
	struct pki_cert pair = pki_make(&(struct pki_wish){.name = "x", .issuer = &root});
	char names[17000];
	size_t i;

	for (i = 0; i + 10 < sizeof(names); i += 10)
		(void)snprintf(names + i, 11, "DNS:%05zu,", i);
	names[i - 1] = '\0';
	pki_add(root.cert, root.cert, NID_subject_alt_name, names);
	assert_true(X509_sign(root.cert, root.key, EVP_sha256()) > 0);
	pki_write_key(folder->key, pair.key, NULL);
	write_chain(folder, &pair, root.cert, 7);
	expect_refusal(folder, "holds 8 certificates of ");
	pki_free(&pair);
	pki_free(&root);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		TEST(a_pair_that_belongs_together_is_taken_and_told_about),
		TEST(a_certificate_is_warned_of_three_weeks_before_its_end_and_after_it),
		TEST(a_key_that_everybody_may_read_is_warned_of),
		TEST(a_chain_ends_with_the_first_of_its_certificates_and_its_order_is_looked_at),
		TEST(a_file_that_is_not_there_or_empty_is_named),
		TEST(what_is_no_pem_is_told_from_what_is_another_kind_of_it),
		TEST(an_encrypted_block_in_the_certificates_file_asks_nobody),
		TEST(a_file_that_is_written_only_in_part_is_refused),
		TEST(a_key_with_a_passphrase_is_refused_and_nobody_is_asked),
		TEST(a_key_of_another_certificate_is_refused),
		TEST(a_key_that_is_too_weak_is_refused),
		TEST(a_chain_longer_than_clients_take_is_refused),
		TEST(a_chain_of_few_but_huge_certificates_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
