/* SPDX-License-Identifier: MIT */
/* Characters and strings, narrow and wide: what the functions are to return for small examples. */
#include "check.h"

#include <ctype.h>
#include <inttypes.h>
#include <libgen.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <wctype.h>

#define SAME(a, b) (!strcmp(a, b))
#define WIDE(a, b) (!wcscmp(a, b))

/* The characters of each class in ASCII, as ranges: from, to, from, to, ... */
static const struct {
	const char *name;
	int (*narrow)(int);
	int (*wide)(wint_t);
	const char *ranges;
} classes[] = {
	{ "alpha", isalpha, iswalpha, "AZaz" },
	{ "digit", isdigit, iswdigit, "09" },
	{ "alnum", isalnum, iswalnum, "09AZaz" },
	{ "upper", isupper, iswupper, "AZ" },
	{ "lower", islower, iswlower, "az" },
	{ "space", isspace, iswspace, "\t\r  " },
	{ "blank", isblank, iswblank, "\t\t  " },
	{ "punct", ispunct, iswpunct, "!/:@[`{~" },
	{ "graph", isgraph, iswgraph, "!~" },
	{ "print", isprint, iswprint, " ~" },
	{ "xdigit", isxdigit, iswxdigit, "09AFaf" },
	{ "cntrl", iscntrl, iswcntrl, "\1\37\177\177" },
};

static bool in_ranges(const char *ranges, int c)
{
	for (; *ranges; ranges += 2)
		if (c >= ranges[0] && c <= ranges[1])
			return true;
	return false;
}

static void test_classes(void)
{
	for (unsigned i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		wctype_t type = wctype(classes[i].name);
		long wrong = 0;

		for (int c = 1; c < 128; c++) {
			bool is = in_ranges(classes[i].ranges, c);

			wrong += !classes[i].narrow(c) == is;
			wrong += !classes[i].wide((wint_t)c) == is;
			wrong += !iswctype((wint_t)c, type) == is;
		}
		check_is(wrong, 0, "class %s, narrow and wide", classes[i].name);
	}
	check(iswalpha(0xe4) && !isalpha(0xe4), "a letter beyond ASCII is wide only");
}

static void test_case(void)
{
	long wrong = 0;

	for (int c = 1; c < 128; c++) {
		int up = c >= 'a' && c <= 'z' ? c - 32 : c;
		int low = c >= 'A' && c <= 'Z' ? c + 32 : c;

		wrong += toupper(c) != up || towupper((wint_t)c) != (wint_t)up;
		wrong += tolower(c) != low || towlower((wint_t)c) != (wint_t)low;
		wrong += towctrans((wint_t)c, wctrans("toupper")) != (wint_t)up;
	}
	check_is(wrong, 0, "upper and lower case");
	check(towupper(0xe4) == 0xc4 && isascii(127) && !isascii(128) && toascii(0xc1) == 0x41,
	      "and beyond ASCII");
}

static void test_search(void)
{
	const char *text = "one two two";

	check(strchr(text, 't') == text + 4 && strrchr(text, 't') == text + 8 && !strchr(text, 'x'),
	      "strchr, strrchr");
	check(strchrnul(text, 'x') == text + 11 && index(text, 'o') == text &&
		  rindex(text, 'o') == text + 10,
	      "strchrnul, index, rindex");
	check(strstr(text, "two") == text + 4 && strcasestr(text, "TWO T") == text + 4 &&
		  memmem(text, 11, "o two", 5) == text + 6,
	      "strstr, strcasestr, memmem");
	check(memchr(text, 'w', 11) == text + 5 && memrchr(text, 'w', 11) == text + 9 &&
		  !memchr(text, 'w', 5),
	      "memchr, memrchr");
	check(strspn(text, "eno") == 3 && strcspn(text, "tw") == 4 &&
		  strpbrk(text, "wt") == text + 4,
	      "strspn, strcspn, strpbrk");
	check(strlen(text) == 11 && strnlen(text, 4) == 4, "strlen, strnlen");
}

static void test_compare(void)
{
	check(strcmp("a", "b") < 0 && strcmp("ab", "a") > 0 && !strncmp("abc", "abd", 2),
	      "strcmp, strncmp");
	check(!strcasecmp("AbC", "aBc") && strncasecmp("Ax", "ay", 2) < 0, "and without case");
	check(memcmp("a\0b", "a\0c", 3) < 0 && !bcmp("xy", "xz", 1) && strcoll("a", "b") < 0,
	      "memcmp, bcmp, strcoll");
	check(strverscmp("a9", "a10") < 0, "strverscmp");
	check(ffs(8) == 4 && ffsl(1L << 40) == 41 && ffsll(0) == 0, "ffs, ffsl, ffsll");
}

static void test_copy(void)
{
	char to[16] = "################", *copy, *rest;

	check(strcpy(to, "abc") == to && stpcpy(to + 3, "de") == to + 5 && SAME(to, "abcde"),
	      "strcpy, stpcpy");
	check(strcat(to, "f") == to && strncat(to, "ghi", 2) == to && SAME(to, "abcdefgh"),
	      "strcat, strncat");
	check(strncpy(to, "xy", 4) == to && !to[3] && to[4] == 'e' && stpncpy(to, "z", 3) == to + 1,
	      "strncpy, stpncpy fill with 0");
	check(strlcpy(to, "long text", 5) == 9 && SAME(to, "long") && strlcat(to, "er", 6) == 6 &&
		  SAME(to, "longe"),
	      "strlcpy, strlcat tell what there would be");
	check(mempcpy(to, "123", 3) == to + 3 && memccpy(to, "a;b", ';', 3) == to + 2 &&
		  memmove(to + 1, to, 3) && !memcmp(to, "aa;3", 4),
	      "mempcpy, memccpy, memmove");
	check(memset(to, 'x', 3) == to && !memcmp(to, "xxx3", 4), "memset");
	bzero(to, 2);
	explicit_bzero(to + 2, 1);
	check(!to[0] && !to[1] && !to[2], "bzero, explicit_bzero");
	copy = strndup("duplicate", 3);
	rest = strdup("a,b,,c");
	check(SAME(copy, "dup") && SAME(rest, "a,b,,c"), "strdup, strndup");
	free(copy);
	free(rest);
}

static void test_split(void)
{
	char text[] = "a,b,,c", path[] = "/x/y/", again[] = "/x/y/", *rest = text, *state;

	check(SAME(strsep(&rest, ","), "a") && SAME(strsep(&rest, ","), "b") &&
		  SAME(strsep(&rest, ","), "") && SAME(strsep(&rest, ","), "c") && !rest,
	      "strsep");
	strcpy(text, " a b");
	check(SAME(strtok_r(text, " ", &state), "a") && SAME(strtok_r(NULL, " ", &state), "b") &&
		  !strtok_r(NULL, " ", &state),
	      "strtok_r");
	check(SAME(basename(path), "y") && SAME(dirname(again), "/x"), "basename, dirname");
	check(!strerror_r(22, text, sizeof(text)) == 0 && SAME(strerror(22), "Invalid argument") &&
		  SAME(strsignal(11), "Segmentation fault"),
	      "strerror, strsignal");
}

static void test_wide(void)
{
	wchar_t to[16], *state;

	check(WIDE(wcscpy(to, L"abc"), L"abc") && WIDE(wcscat(to, L"de"), L"abcde") &&
		  WIDE(wcsncat(to, L"fgh", 1), L"abcdef"),
	      "wcscpy, wcscat, wcsncat");
	check(wcschr(to, 'c') == to + 2 && wcsrchr(to, 'c') == to + 2 &&
		  wcsstr(to, L"cd") == to + 2 && wcspbrk(to, L"xd") == to + 3,
	      "wcschr, wcsrchr, wcsstr, wcspbrk");
	check(wcsspn(to, L"ab") == 2 && wcscspn(to, L"f") == 5 && wcslen(to) == 6 &&
		  wcsnlen(to, 3) == 3,
	      "wcsspn, wcscspn, wcslen, wcsnlen");
	check(wcsncmp(to, L"abd", 3) < 0 && !wcscasecmp(L"Ab", L"aB") &&
		  !wcsncasecmp(L"Abx", L"aBy", 2) && wcscoll(L"a", L"b") < 0,
	      "wcsncmp, wcscasecmp, wcsncasecmp, wcscoll");
	check(wmemset(to, 'x', 3) == to && wmemchr(to, 'd', 6) == to + 3 &&
		  !wmemcmp(to, L"xxxd", 4) && wmemcpy(to, L"yz", 2) == to &&
		  wmemmove(to + 1, to, 2) == to + 1 && to[2] == 'z',
	      "wmemset, wmemchr, wmemcmp, wmemcpy, wmemmove");
	check(WIDE(wcsncpy(to, L"q", 3), L"q") && !to[2] && wcpcpy(to, L"rs") == to + 2,
	      "wcsncpy, wcpcpy");
	wcscpy(to, L"1 2");
	check(WIDE(wcstok(to, L" ", &state), L"1") && WIDE(wcstok(NULL, L" ", &state), L"2"),
	      "wcstok");
	check(wcwidth('a') == 1 && wcswidth(L"\u4e2d", 1) == 2 && wcwidth('\n') == -1,
	      "wcwidth, wcswidth");
}

static void test_wide_numbers(void)
{
	check(wcstol(L"-12", NULL, 10) == -12 && wcstoul(L"ff", NULL, 16) == 255 &&
		  wcstoll(L"077", NULL, 0) == 63 && wcstoull(L"9", NULL, 10) == 9,
	      "wide whole numbers");
	check(wcstod(L"2.5", NULL) == 2.5 && wcstof(L"1e2", NULL) == 100 &&
		  wcstold(L"0x1p3", NULL) == 8,
	      "wide numbers with a fraction");
	check(wcstoimax(L"-7", NULL, 10) == -7 && wcstoumax(L"7", NULL, 10) == 7 &&
		  strtoimax("-8", NULL, 10) == -8 && strtoumax("10", NULL, 8) == 8 &&
		  imaxabs(-3) == 3 && imaxdiv(7, 2).rem == 1,
	      "the largest type");
}

static void test_conversions(void)
{
	const char *text = "a\xc3\xa4";
	const wchar_t *wide = L"a\u00e4";
	mbstate_t state = { 0 };
	wchar_t to[4] = L"";
	char back[8] = "";

	check(setlocale(LC_CTYPE, "C.UTF-8") != NULL, "there is a locale for UTF-8");
	check(mbrlen(text + 1, 2, &state) == 2 && mbrtowc(to, text + 1, 2, &state) == 2 &&
		  to[0] == 0xe4,
	      "UTF-8 is understood");
	check(mbsnrtowcs(to, &text, 3, 3, &state) == 2 && to[1] == 0xe4, "also whole strings");
	check(wcsrtombs(back, &wide, sizeof(back), &state) == 3 && SAME(back, "a\xc3\xa4"),
	      "and written");
	wide = L"b\u00e4";
	check(wcsnrtombs(back, &wide, 1, sizeof(back), &state) == 1 && back[0] == 'b',
	      "as far as is wanted");
	check(btowc('a') == 'a' && wctob(L'a') == 'a' && wctob(0xe4) == EOF, "btowc, wctob");
}

void check_main(void)
{
	test_classes();
	test_case();
	test_search();
	test_compare();
	test_copy();
	test_split();
	test_wide();
	test_wide_numbers();
	test_conversions();
}
