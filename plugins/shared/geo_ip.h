/* Addresses as text: one form for each, and which of them are nobody's on the internet. Pure. */
#ifndef GEO_IP_H
#define GEO_IP_H

#define GEO_IP_SIZE 46

/* The canonical form, IPv4-mapped addresses as IPv4: 4 or 6; or 0 when text (NULL is fine) is no address. */
int geo_ip(char out[GEO_IP_SIZE], const char *text);

/* Of a canonical address: 1 when it is private, shared, loopback, link-local, or not given out. */
int geo_ip_is_bogon(const char *ip);

#endif
