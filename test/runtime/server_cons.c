/* SPDX-License-Identifier: MIT */
/*
 * Promises of the console multiplexer. The test is its terminal (a console that the main thread
 * serves) and, in another thread, its clients.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <l4/sys/err.h>
#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/sys/task.h>
#include "check.h"
#include "client.h"
#include "vcon/vcon.h"

/* --- The terminal --- */

enum { SCREEN_BYTES = 1 << 16, BUCKETS = 4 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char screen[SCREEN_BYTES + 1]; /* what came since the test looked last */
static size_t screen_count;
static char keys[256];
static size_t keys_count;
static bool ends;
static struct server server;
static struct server_object *buckets[BUCKETS];
static struct vcon terminal;

static void terminal_write(struct vcon *vcon, const char *text, size_t count)
{
	(void)vcon;
	pthread_mutex_lock(&lock);
	if (screen_count + count > SCREEN_BYTES)
		screen_count = 0;
	memcpy(screen + screen_count, text, count);
	screen_count += count;
	screen[screen_count] = 0;
	pthread_mutex_unlock(&lock);
}

static size_t terminal_read(struct vcon *vcon, char *out, size_t count, l4_umword_t *flags)
{
	(void)vcon;
	pthread_mutex_lock(&lock);
	if (count > keys_count)
		count = keys_count;
	memcpy(out, keys, count);
	memmove(keys, keys + count, keys_count - count);
	keys_count -= count;
	*flags = keys_count ? 0 : L4_VCON_READ_STAT_DONE;
	pthread_mutex_unlock(&lock);
	return count;
}

static void released(struct server_object *object)
{
	(void)object;
}

static void typed(struct server_object *object)
{
	(void)object;
	pin_fire(&terminal.pin, &server);
}

static const struct vcon_actions actions = { terminal_write, terminal_read };
static const struct server_interface interfaces[] = { VCON_INTERFACES };
static const struct server_class terminal_class = { .interfaces = interfaces,
						    .interface_count = 2,
						    .released = released };
static const struct server_class keyboard_class = { .released = released, .interrupt = typed };
static struct server_object keyboard = { .class = &keyboard_class };

/* --- Looking and typing --- */

static bool is_on_screen(const char *text)
{
	bool found;

	pthread_mutex_lock(&lock);
	found = strstr(screen, text);
	pthread_mutex_unlock(&lock);
	return found;
}

static void forget(void)
{
	pthread_mutex_lock(&lock);
	screen_count = 0;
	*screen = 0;
	pthread_mutex_unlock(&lock);
}

static void shows(const char *text, const char *promise)
{
	if (!check(CHECK_WAIT(is_on_screen(text)), "%s", promise))
		check_note("'%s' is not in '%s'", text, screen);
	forget();
}

static bool all_taken(void)
{
	bool all;

	pthread_mutex_lock(&lock);
	all = !keys_count;
	pthread_mutex_unlock(&lock);
	return all;
}

/* Keys of the terminal, when it has taken those before. */
static void type(const char *text)
{
	if (!CHECK_WAIT(all_taken()))
		check(false, "keys are taken");
	pthread_mutex_lock(&lock);
	keys_count = strlen(text);
	memcpy(keys, text, keys_count);
	pthread_mutex_unlock(&lock);
	l4_irq_trigger(keyboard.cap);
}

/* Back to the prompt. */
static void leave(void)
{
	forget();
	type("\005.");
	shows("cons> ", "Ctrl-E . leads back to the prompt");
}

/* The client gets this input, in one piece or several; *flags: what came with it. */
static bool reads(l4_cap_idx_t vcon, const char *want, int *flags)
{
	char got[64];
	unsigned count = 0;

	*flags = 0;
	for (long end = check_now_ms() + 20000; check_now_ms() < end; check_pause()) {
		int result =
		    l4_vcon_read_with_flags(vcon, got + count, (unsigned)sizeof(got) - count);

		if (result < 0)
			return false;
		*flags |= result & (int)L4_VCON_READ_STAT_BREAK;
		count += (unsigned)result & L4_VCON_READ_SIZE_MASK;
		if (count >= strlen(want) && (count || *flags))
			break;
	}
	return count == strlen(want) && !memcmp(got, want, count);
}

/* --- The tests --- */

static void output(l4_cap_idx_t cons)
{
	l4_cap_idx_t one, two;

	check_is(client_create(cons, L4_PROTO_LOG, &one, "one", "green", NULL), 0,
		 "a console is created");
	shows("Created vcon channel: one [", "the terminal tells of it");
	client_write(one, "hello\n");
	shows("\033[32mone     | hello\033[0m\r\n", "a line has its tag and colour");
	client_create(cons, L4_PROTO_LOG, &two, "one", NULL);
	client_write(two, "unfinished");
	shows("one:1   | unfinished", "an unfinished line appears after a while");
	client_write(one, "between\n");
	client_write(two, "end\n");
	shows("\r\n\033[32mone     | between\033[0m\r\n\033[37mone:1   : end\033[0m\r\n",
	      "a line that was interrupted is continued");
	client_release(one);
	client_release(two);
}

static void input(l4_cap_idx_t cons)
{
	l4_cap_idx_t vcon, irq;
	char got[16];
	int flags;

	client_create(cons, L4_PROTO_LOG, &vcon, "shell", "c", "key=s", NULL);
	irq = client_bind_irq(vcon);
	client_write(vcon, "$ ");
	type("connect shell\r");
	shows("Connecting to 'shell' -------------\r\n$ ", "connecting shows the last lines");
	type("hi\r");
	check(client_irq_comes(irq), "a key triggers the client's interrupt");
	shows("hi\r\n", "keys are echoed");
	check(reads(vcon, "hi\n", &flags) && !flags, "the client reads them");
	check_is(l4_vcon_read(vcon, got, sizeof(got)), 0, "then there is nothing more");
	type("\005l");
	check(reads(vcon, "", &flags) && flags, "a break is read");
	leave();
	type("list\r");
	shows("shell                shown  no   s ", "the client is in the list, with its key");
	client_release(irq);
	client_release(vcon);
}

static void attributes(l4_cap_idx_t cons)
{
	l4_vcon_attr_t a = { 0 }, raw;
	l4_cap_idx_t vcon;
	char got[16];
	int flags;

	client_create(cons, L4_PROTO_LOG, &vcon, "attr", NULL);
	check(l4_error(l4_vcon_get_attr(vcon, &a)) == 0 && a.i_flags == L4_VCON_ICRNL &&
		  a.o_flags == (L4_VCON_ONLCR | L4_VCON_ONLRET) && a.l_flags == L4_VCON_ECHO,
	      "a new console maps line ends and echoes");
	l4_vcon_set_attr_raw(&raw);
	check_is(l4_error(l4_vcon_set_attr(vcon, &raw)), 0, "attributes can be set");
	type("c attr\r");
	shows("Connecting to 'attr'", "a name with other attributes is connected, too");
	type("x\r");
	check(reads(vcon, "x\r", &flags), "then keys come as they are");
	check(!is_on_screen("x"), "and are not echoed");
	a.l_flags |= L4_VCON_ICANON;
	l4_vcon_set_attr(vcon, &a);
	type("ab\177c");
	shows("ab\b \bc", "a line can be edited");
	check_is(l4_vcon_read(vcon, got, sizeof(got)), 0, "the client does not yet see it");
	type("\r");
	check(reads(vcon, "ac\n", &flags), "it reads the whole line");
	leave();
	client_release(vcon);
}

static void ends_of_clients(l4_cap_idx_t cons)
{
	l4_cap_idx_t kept, kicked, connected;

	client_create(cons, L4_PROTO_LOG, &kept, "kept", "w", "keep", NULL);
	client_write(kept, "last words");
	client_release(kept);
	client_create(cons, L4_PROTO_LOG, &connected, "connected", NULL);
	type("c connected\r");
	shows("Connecting to 'connected'", "a client is connected");
	client_release(connected);
	shows("'connected' has gone", "when it goes, the prompt comes back");
	type("list\r");
	shows("kept                 gone ", "a kept client stays in the list");
	type("cat kept\r");
	shows("last words\r\n", "with what it wrote");
	type("drop kept\r");
	client_create(cons, L4_PROTO_LOG, &kicked, "kicked", NULL);
	type("kick kicked\r");
	check(CHECK_WAIT(!client_write(kicked, "x")), "a client that is kicked cannot write");
	client_release(kicked);
	type("info\r");
	shows(" 0 clients", "then there are no clients");
}

static void mistakes(l4_cap_idx_t cons)
{
	l4_cap_idx_t cap, weak = client_weaker(cons, L4_CAP_FPAGE_RW);

	check_is(client_create(weak, L4_PROTO_LOG, &cap, "x", NULL), -L4_EPERM,
		 "creating needs the S right");
	check_is(client_create(cons, L4_PROTO_LOG, &cap, NULL), -L4_EINVAL,
		 "a console needs a tag");
	check_is(client_create(cons, L4_PROTO_LOG, &cap, "x", "w", "nonsense", NULL), -L4_EINVAL,
		 "an unknown option is refused");
	check_is(client_create(cons, L4_PROTO_LOG, &cap, "x", "w", "bufsz=99999999", NULL),
		 -L4_EINVAL, "a buffer beyond the limit, too");
	check_is(client_create(cons, L4_PROTO_SEMAPHORE, &cap, NULL), -L4_ENOSYS,
		 "nothing else is created");
	client_create(cons, L4_PROTO_LOG, &cap, "x", NULL);
	check_is(client_send(cap, L4_PROTO_LOG, 0, 0, 0), -L4_EMSGTOOSHORT,
		 "an empty message is too short");
	check_is(client_send(cap, L4_PROTO_LOG, 1, 7, 0), -L4_ENOSYS, "there are four operations");
	check_is(client_send(cap, L4_PROTO_LOG, 2, L4_VCON_SET_ATTR_OP, 0), -L4_EMSGTOOSHORT,
		 "attributes are three words");
	check_is(client_send(cap, L4_PROTO_IRQ, 2, L4_ICU_OP_BIND, 1), -L4_EINVAL,
		 "there is one pin");
	check_is(client_send(cap, 0x4000, 1, 0, 0), -L4_EBADPROTO, "it is no dataspace");
	client_release(cap);
}

static void much_output(l4_cap_idx_t cons)
{
	l4_cap_idx_t vcon;
	char line[80];
	bool good = true;

	client_create(cons, L4_PROTO_LOG, &vcon, "much", "w", "bufsz=512", NULL);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(line, sizeof(line), "line %u: the quick brown fox jumps over the dog\n",
			 i);
		good &= client_write(vcon, line);
	}
	check(good, "a client can write without end");
	shows("| line 4999: the quick", "its last line appears");
	client_release(vcon);
}

static void many_clients(l4_cap_idx_t cons)
{
	enum { AT_ONCE = 50, ROUNDS = 40 };
	l4_cap_idx_t cap[AT_ONCE];
	unsigned made = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < AT_ONCE; i++)
			made += client_create(cons, L4_PROTO_LOG, &cap[i], "many", NULL) == 0;
		for (unsigned i = 0; i < AT_ONCE; i++)
			client_release(cap[i]);
	}
	check_is(made, AT_ONCE * ROUNDS, "consoles that are released are given back");
	forget();
	type("info\r");
	shows(" 0 clients", "none of them is left");
}

void check_main(void)
{
	l4_cap_idx_t cons = client_cap("cons");

	shows("press Enter for the prompt", "the console says how to begin");
	output(cons);
	input(cons);
	attributes(cons);
	ends_of_clients(cons);
	mistakes(cons);
	much_output(cons);
	many_clients(cons);
}

/* --- The threads --- */

static void *run_tests(void *unused)
{
	check_main();
	__atomic_store_n(&ends, true, __ATOMIC_SEQ_CST);
	l4_irq_trigger(keyboard.cap);
	return unused;
}

/* Before the tests, in the main thread: what is called here serves until the tests have ended. */
int main(void)
{
	pthread_t thread;

	terminal = (struct vcon){ .object.class = &terminal_class, .actions = &actions };
	if (server_init_program(&server, buckets, BUCKETS) < 0 ||
	    server_bind_gate(&server, &terminal.object, client_cap("term")) < 0 ||
	    server_bind_irq(&server, &keyboard) < 0 ||
	    pthread_create(&thread, NULL, run_tests, NULL))
		check(false, "the terminal can be served");
	while (!__atomic_load_n(&ends, __ATOMIC_SEQ_CST))
		server_step(&server, L4_IPC_TIMEOUT_NEVER);
	client_end(check_plan());
}
