/* SPDX-License-Identifier: MIT */
/* A client: it asks the server behind the capability that the scenario gave it. */
#include <stdio.h>
#include <l4/re/env.h>
#include "clntsrv/calc.h"
#include "lib/raw_thread.h"
#include "wire/wire.h"

static l4_int32_t call(const struct wire_out *request, const char *what)
{
	struct wire_in in;

	wire_expect_nothing();
	check(wire_call(l4re_env_get_cap("calc_server"), request, CALC_PROTOCOL, &in), what);
	return (l4_int32_t)wire_get_u32(&in);
}

static l4_int32_t subtract(l4_uint32_t a, l4_uint32_t b)
{
	struct wire_out o = { 0 };

	wire_put_u32(&o, CALC_SUB);
	wire_put_u32(&o, a);
	wire_put_u32(&o, b);
	return call(&o, "subtract");
}

static l4_int32_t negate(l4_uint32_t a)
{
	struct wire_out o = { 0 };

	wire_put_u32(&o, CALC_NEG);
	wire_put_u32(&o, a);
	return call(&o, "negate");
}

int main(void)
{
	struct wire_out o = { 0 };

	printf("8 - 5 = %d\n", subtract(8, 5));
	printf("-(3) = %d\n", negate(3));
	wire_put_u32(&o, 99);
	wire_put_u32(&o, 0);
	printf("unknown operation: %s\n",
	       l4sys_errtostr(wire_call(l4re_env_get_cap("calc_server"), &o, CALC_PROTOCOL, NULL)));
	return 0;
}
