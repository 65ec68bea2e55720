/* SPDX-License-Identifier: MIT */
/* Base 64 (RFC 4648). */
#include <stdlib.h>
#include <string.h>
#include <l4/util/base64.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Four digits for up to three bytes; '=' for the bytes that are not there. */
static void encode_group(const unsigned char *in, size_t left, char *out)
{
	unsigned v = (unsigned)in[0] << 16;

	if (left > 1)
		v |= (unsigned)in[1] << 8;
	if (left > 2)
		v |= in[2];
	out[0] = digits[v >> 18];
	out[1] = digits[v >> 12 & 63];
	out[2] = left > 1 ? digits[v >> 6 & 63] : '=';
	out[3] = left > 2 ? digits[v & 63] : '=';
}

void base64_encode(char const *in_data, size_t in_size, char **out_data)
{
	const unsigned char *in = (const unsigned char *)in_data;
	char *out = malloc((in_size + 2) / 3 * 4 + 1);

	*out_data = out;
	if (!out)
		return;
	for (size_t at = 0; at < in_size; at += 3, out += 4)
		encode_group(in + at, in_size - at, out);
	*out = 0;
}

/* Value of a digit, or -1. */
static int digit_value(char c)
{
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Characters that are no digits are skipped; '=' ends the text. */
void base64_decode(char const *in_data, size_t in_size, char **out_data)
{
	char *out = malloc(in_size / 4 * 3 + 4);
	unsigned v = 0, bits = 0;

	*out_data = out;
	if (!out)
		return;
	for (size_t at = 0; at < in_size && in_data[at] != '='; at++) {
		int digit = digit_value(in_data[at]);

		if (digit < 0)
			continue;
		v = v << 6 | (unsigned)digit;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*out++ = (char)(v >> bits);
		}
	}
	*out = 0;
}
