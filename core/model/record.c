#include "model/record.h"

#include <string.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/text.h"

#define VARINT_MAX 10 /* bytes of a 64-bit number */

void vs_record_put_uint(struct vs_buf *out, uint64_t number)
{
	char *to;

	vs_buf_reserve(out, VARINT_MAX);
	to = out->ptr + out->len;
	for (; number > 0x7f; number >>= 7)
		*to++ = (char)(uint8_t)(number | 0x80);
	*to++ = (char)(uint8_t)number;
	*to = '\0';
	out->len = (size_t)(to - out->ptr);
}

/* 0, -1, 1, -2, 2 ... become 0, 1, 2, 3, 4 ...: small numbers of either sign stay short. */
void vs_record_put_int(struct vs_buf *out, int64_t number)
{
	vs_record_put_uint(out, ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0));
}

void vs_record_put_time(struct vs_buf *out, int64_t time, int64_t before)
{
	vs_record_put_int(out, (int64_t)((uint64_t)time - (uint64_t)before));
}

void vs_record_put_bytes(struct vs_buf *out, const void *bytes, size_t len)
{
	vs_buf_add(out, bytes, len);
}

void vs_record_put_text(struct vs_buf *out, struct vs_view text)
{
	size_t len = text.len == 0 ? 0 : strnlen(text.ptr, text.len);

	vs_buf_reserve(out, len + 1);
	memcpy(out->ptr + out->len, len == 0 ? "" : text.ptr, len);
	out->len += len + 1;
	out->ptr[out->len - 1] = '\0';
	out->ptr[out->len] = '\0';
}

void vs_record_open(struct vs_record_reader *in, struct vs_view bytes)
{
	const char *start = bytes.len == 0 ? "" : bytes.ptr;

	*in = (struct vs_record_reader){.start = start, .at = start, .end = start + bytes.len};
}

bool vs_record_ok(const struct vs_record_reader *in)
{
	return in->problem == NULL;
}

size_t vs_record_position(const struct vs_record_reader *in)
{
	return (size_t)(in->at - in->start);
}

void vs_record_refuse(struct vs_record_reader *in, const char *problem)
{
	if (in->problem == NULL)
		in->problem = problem;
}

uint64_t vs_record_get_uint(struct vs_record_reader *in, uint64_t max)
{
	const char *at = in->at;
	uint64_t number = 0;
	uint8_t byte = 0x80;

	if (in->problem != NULL)
		return 0;
	for (unsigned shift = 0; (byte & 0x80) != 0; shift += 7) {
		if (at == in->end) {
			vs_record_refuse(in, "the record ends too early");
			return 0;
		}
		byte = (uint8_t)*at++;
		if (shift == 63 && byte > 1) {
			vs_record_refuse(in, "a number of more than 64 bits");
			return 0;
		}
		number |= (uint64_t)(byte & 0x7f) << shift;
	}
	if (number > max) {
		vs_record_refuse(in, "a number out of its range");
		return 0;
	}
	in->at = at;
	return number;
}

int64_t vs_record_get_int(struct vs_record_reader *in)
{
	uint64_t number = vs_record_get_uint(in, UINT64_MAX);

	/* Both halves fit: number >> 1 is at most INT64_MAX. */
	return (number & 1) == 0 ? (int64_t)(number >> 1) : -(int64_t)(number >> 1) - 1;
}

int64_t vs_record_get_time(struct vs_record_reader *in, int64_t before)
{
	int64_t step = vs_record_get_int(in);

	if (in->problem != NULL)
		return 0;
	if (step < -2 * VS_RECORD_TIME_MAX || step > 2 * VS_RECORD_TIME_MAX ||
		before + step < -VS_RECORD_TIME_MAX || before + step > VS_RECORD_TIME_MAX) {
		vs_record_refuse(in, "a time out of its range");
		return 0;
	}
	return before + step;
}

void vs_record_get_bytes(struct vs_record_reader *in, void *bytes, size_t len)
{
	if (in->problem == NULL && (size_t)(in->end - in->at) < len)
		vs_record_refuse(in, "the record ends too early");
	if (in->problem != NULL) {
		memset(bytes, 0, len);
		return;
	}
	memcpy(bytes, in->at, len);
	in->at += len;
}

/* Most texts are: eight bytes a step spare them the walk through UTF-8. */
static bool is_ascii(const char *text, size_t len)
{
	uint64_t seen = 0, word;

	for (; len >= sizeof(word); text += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		seen |= word;
	}
	for (; len > 0; text++, len--)
		seen |= (uint8_t)*text;
	return (seen & UINT64_C(0x8080808080808080)) == 0;
}

struct vs_view vs_record_get_text(struct vs_record_reader *in)
{
	static const struct vs_view nothing = {"", 0};
	struct vs_view text = {in->at, 0};
	const char *end;

	if (in->problem != NULL)
		return nothing;
	end = in->at == in->end ? NULL : memchr(in->at, '\0', (size_t)(in->end - in->at));
	if (end == NULL) {
		vs_record_refuse(in, "a text without its end");
		return nothing;
	}
	text.len = (size_t)(end - in->at);
	if (!is_ascii(text.ptr, text.len) && !vs_utf8_valid(text)) {
		vs_record_refuse(in, "a text that is not UTF-8");
		return nothing;
	}
	in->at = end + 1;
	return text;
}

void vs_record_put_addr(struct vs_buf *out, const struct vs_addr *addr)
{
	vs_record_put_uint(out, addr->family);
	vs_record_put_bytes(out, addr->bytes, addr->family == 0 ? 0 : addr->family == 4 ? 4 : 16);
}

void vs_record_get_addr(struct vs_record_reader *in, struct vs_addr *addr)
{
	addr->family = (uint8_t)vs_record_get_uint(in, 6);
	if (addr->family == 4 || addr->family == 6)
		vs_record_get_bytes(in, addr->bytes, addr->family == 4 ? 4 : 16);
	else if (addr->family != 0)
		vs_record_refuse(in, "an address of no known family");
}
