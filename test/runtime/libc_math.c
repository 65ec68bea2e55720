/* SPDX-License-Identifier: MIT */
/* Mathematical functions at places where the results are known, for each of the three types. */
#include "check.h"

#include <fenv.h>
#include <limits.h>
#include <math.h>

/* Relative errors that are allowed: some units in the last place. */
#define DOUBLE_ERROR 1e-15
#define FLOAT_ERROR  1e-6

#define EACH(name, ...)                                    \
	{                                                  \
#name, name, name##f, name##l, __VA_ARGS__ \
	}

static const struct {
	const char *name;
	double (*of_double)(double);
	float (*of_float)(float);
	long double (*of_long_double)(long double);
	double x, value;
} one[] = {
	EACH(sin, 1, 0.8414709848078965),
	EACH(cos, 1, 0.5403023058681398),
	EACH(tan, 1, 1.5574077246549023),
	EACH(asin, 0.5, 0.5235987755982989),
	EACH(acos, 0.25, 1.318116071652818),
	EACH(atan, 3, 1.2490457723982544),
	EACH(sinh, 1, 1.1752011936438014),
	EACH(cosh, 1, 1.5430806348152437),
	EACH(tanh, 0.5, 0.46211715726000974),
	EACH(asinh, 1, 0.881373587019543),
	EACH(acosh, 2, 1.3169578969248166),
	EACH(atanh, 0.5, 0.5493061443340548),
	EACH(exp, 1, 2.718281828459045),
	EACH(exp2, 0.5, 1.4142135623730951),
	EACH(exp10, 0.5, 3.1622776601683795),
	EACH(expm1, 0x1p-30, 9.313225750491594e-10),
	EACH(log, 10, 2.302585092994046),
	EACH(log2, 10, 3.321928094887362),
	EACH(log10, 2, 0.3010299956639812),
	EACH(log1p, 0x1p-30, 9.313225741817976e-10),
	EACH(sqrt, 2, 1.4142135623730951),
	EACH(cbrt, 10, 2.154434690031884),
	EACH(erf, 0.5, 0.5204998778130465),
	EACH(erfc, 0.5, 0.4795001221869535),
	EACH(tgamma, 5.5, 52.34277778455352),
	EACH(lgamma, 10.5, 13.940625219403763),
	EACH(ceil, 2.5, 3.0),
	EACH(floor, -2.5, -3.0),
	EACH(trunc, -2.5, -2.0),
	EACH(round, 2.5, 3.0),
	EACH(rint, 2.5, 2.0),
	EACH(nearbyint, 3.5, 4.0),
	EACH(fabs, -1.5, 1.5),
	EACH(logb, 10, 3.0),
};

static const struct {
	const char *name;
	double (*of_double)(double, double);
	float (*of_float)(float, float);
	long double (*of_long_double)(long double, long double);
	double x, y, value;
} two[] = {
	EACH(pow, 2, 0.5, 1.4142135623730951),
	EACH(atan2, 1, -1, 2.356194490192345),
	EACH(hypot, 3, 4, 5.0),
	EACH(fmod, 7.5, 2, 1.5),
	EACH(remainder, 7.5, 2, -0.5),
	EACH(copysign, 1.5, -1, -1.5),
	EACH(fmax, 1, 2, 2.0),
	EACH(fmin, 1, 2, 1.0),
	EACH(fdim, 3, 1, 2.0),
};

enum { ONE = sizeof(one) / sizeof(*one), TWO = sizeof(two) / sizeof(*two) };

static bool near(long double got, double want, double error)
{
	long double difference = got > want ? got - want : want - got;

	return difference <= error * (want < 0 ? -want : want);
}

static void test_values(void)
{
	for (unsigned i = 0; i < ONE; i++)
		check(near(one[i].of_double(one[i].x), one[i].value, DOUBLE_ERROR) &&
			  near(one[i].of_float((float)one[i].x), one[i].value, FLOAT_ERROR) &&
			  near(one[i].of_long_double(one[i].x), one[i].value, DOUBLE_ERROR),
		      "%s(%g) is %.16g for all types", one[i].name, one[i].x, one[i].value);
	for (unsigned i = 0; i < TWO; i++)
		check(
		    near(two[i].of_double(two[i].x, two[i].y), two[i].value, DOUBLE_ERROR) &&
			near(two[i].of_float((float)two[i].x, (float)two[i].y), two[i].value,
			     FLOAT_ERROR) &&
			near(two[i].of_long_double(two[i].x, two[i].y), two[i].value, DOUBLE_ERROR),
		    "%s(%g, %g) is %.16g for all types", two[i].name, two[i].x, two[i].y,
		    two[i].value);
}

/* Constants that the compiler cannot see through. */
static volatile double half = 0.5, large = 1e300, ten = 10, zero;

static void test_parts(void)
{
	double whole, sine, cosine;
	int exponent, quotient;

	check(frexp(ten, &exponent) == 0.625 && exponent == 4, "frexp takes a number apart");
	check(ldexp(0.625, 4) == ten && scalbn(0.625, 4) == ten && scalbln(0.625, 4) == ten,
	      "ldexp, scalbn and scalbln put it together");
	check(modf(-ten - half, &whole) == -half && whole == -ten, "modf splits off a fraction");
	check(ilogb(ten) == 3, "ilogb is the exponent");
	check(remquo(ten, 3, &quotient) == 1 && (quotient & 7) == 3, "remquo tells the quotient");
	check(fma(large, 1e-300, -1) == (double)((long double)large * 1e-300 - 1) ||
		  fma(half, half, half) == 0.75,
	      "fma multiplies and adds");
	sincos(half, &sine, &cosine);
	check(near(sine, sin(half), DOUBLE_ERROR) && near(cosine, cos(half), DOUBLE_ERROR),
	      "sincos does both");
	check(nextafter(1 + zero, 2) == 1 + 0x1p-52 && nexttoward(1 + zero, 0) == 1 - 0x1p-53,
	      "nextafter and nexttoward take the smallest step");
}

static void test_bessel(void)
{
	check(near(j0(1 + zero), 0.7651976865579666, DOUBLE_ERROR) &&
		  near(j1(1 + zero), 0.4400505857449335, DOUBLE_ERROR) &&
		  near(jn(2, 1 + zero), 0.1149034849319005, DOUBLE_ERROR),
	      "j0, j1, jn");
	check(near(y0(1 + zero), 0.08825696421567697, 4 * DOUBLE_ERROR) &&
		  near(y1(1 + zero), -0.7812128213002887, DOUBLE_ERROR) &&
		  near(yn(2, 1 + zero), -1.6506826068162543, DOUBLE_ERROR),
	      "y0, y1, yn");
}

static void test_whole_numbers(void)
{
	check(lround(ten + half) == 11 && llround(-ten - half) == -11,
	      "lround and llround go away from 0");
	check(lrint(ten + half) == 10 && llrint(ten + 1 + half) == 12,
	      "lrint and llrint go to an even number");
	check(!fesetround(FE_UPWARD) && lrint(ten + 0.25) == 11 && rint(ten + 0.25) == 11,
	      "or as the rounding mode says");
	check(!fesetround(FE_TONEAREST) && fegetround() == FE_TONEAREST, "which can be asked for");
}

static void test_exceptions(void)
{
	feclearexcept(FE_ALL_EXCEPT);
	check(isinf(1 / zero) && fetestexcept(FE_DIVBYZERO), "division by 0 is noted");
	check(isinf(exp(large)) && fetestexcept(FE_OVERFLOW), "an overflow, too");
	feclearexcept(FE_ALL_EXCEPT);
	check(isnan(sqrt(-ten)) && fetestexcept(FE_INVALID), "and what has no result: %f", nan(""));
	check(!fetestexcept(FE_DIVBYZERO), "and is forgotten when it is cleared");
	feclearexcept(FE_ALL_EXCEPT);
}

void check_main(void)
{
	test_values();
	test_parts();
	test_bessel();
	test_whole_numbers();
	test_exceptions();
}
