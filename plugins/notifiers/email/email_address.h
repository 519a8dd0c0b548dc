/* "Name <local@domain>" taken apart. Pure. */
#ifndef EMAIL_ADDRESS_H
#define EMAIL_ADDRESS_H

enum { EMAIL_NAME = 128, EMAIL_SPEC = 255 };

struct email_address {
	char name[EMAIL_NAME]; /* UTF-8 as it was written, without its quotes; "" when there is none */
	char spec[EMAIL_SPEC]; /* local@domain: visible ASCII that means nothing in a header or a command */
};

/* 0, or -1 when text is no address. */
int email_address_parse(struct email_address *address, const char *text);

/* What stands behind the @ of address->spec. */
const char *email_domain(const struct email_address *address);

#endif
