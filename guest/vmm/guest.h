/* SPDX-License-Identifier: MIT */
/*
 * A virtual machine: its memory, its task, the threads of its vCPUs, the objects that it talks to
 * vmm with. All of it belongs to vmm: the guest task holds weak capabilities (they keep nothing
 * alive), and none that can delete. So whatever ends vmm ends the machine, in any state.
 */
#ifndef VMM_GUEST_H
#define VMM_GUEST_H

#include "server/server.h"

#include "guest/start.h"
#include "vmm/area.h"
#include "vmm/balloon.h"
#include "vmm/builder.h"
#include "vmm/console.h"
#include "vmm/debug.h"
#include "vmm/kallsyms.h"
#include "vmm/options.h"
#include "vmm/store.h"

enum guest_state { GUEST_RUNS, GUEST_PAUSED, GUEST_ENDED };

/* Reasons of an end beside those of the guest, enum xen_shutdown. */
enum { GUEST_KILLED = 0x100, GUEST_RESTARTED };

struct guest_vcpu {
	struct server_object faults; /* gate: pager and exception handler */
	struct guest *guest;
	unsigned number;
	l4_cap_idx_t thread;
	l4_cap_idx_t kick, pause; /* interrupts to it */
};

/* Offsets in the memory that is not the guest's RAM. */
struct guest_places {
	uint64_t m2p, track, extra, vcpus, shim;
};

struct guest {
	struct server_object requests; /* gate for the shim */
	struct server_object notify;   /* interrupt: look at the console ring */
	struct server_object input;    /* interrupt of the console's terminal */
	struct server_object control;  /* gate that the scenario gave, or nothing */
	const struct options *options;
	struct server *server;
	enum guest_state state;
	unsigned end_reason; /* enum xen_shutdown, GUEST_KILLED, GUEST_RESTARTED */
	uint64_t starts;
	uint64_t started; /* system time of the last one, microseconds */

	uint64_t ram_frames, frames;
	struct area ram;
	struct area own; /* shim, vCPUs, tracker, M2P, frames behind RAM */
	struct guest_places own_at;
	struct guest_start *start; /* in own */
	struct balloon balloon;
	struct kernel kernel;
	struct builder_plan plan;

	l4_cap_idx_t task, task_factory, view_factory, kernel_view;
	l4_cap_idx_t process_views[GUEST_VIEWS_MAX];
	unsigned views;
	l4_cap_idx_t console_event, sysrq_event, store_event; /* interrupts to vCPU 0 */
	struct guest_vcpu vcpus[GUEST_VCPUS_MAX];

	l4_cap_idx_t terminal;
	bool terminal_raw; /* takes bytes as they are */
	bool input_waits;  /* in the terminal, until the guest has read what is in its ring */
	struct console_tail tail;
	struct store store;
	struct debug debug;
	struct kallsyms names; /* the kernel's own table; count 0: none */
	bool names_looked_for;
};

/* --- guest.c --- */
/*
 * Build a machine that is ready to run. All of g is zero, or what guest_destroy() left. False: it
 * has been said what is wrong, and nothing is left.
 */
bool guest_create(struct guest *g, const struct options *options, struct server *server);

/* Let it run. */
bool guest_start(struct guest *g);

/* The guest has ended, for this reason (enum xen_shutdown); its threads wait to be destroyed. */
void guest_end(struct guest *g, unsigned reason);

/* Delete an object and free its slot, if there is one. */
void guest_delete(l4_cap_idx_t *cap);

/* End it, whatever it is doing, and give everything back. */
void guest_destroy(struct guest *g);

/* Print a line about the machine on vmm's log. */
void guest_say(const struct guest *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- memory.c --- */
/* Memory with kernel, ramdisk, first tables in it. On errors it has been said what is wrong. */
bool memory_create(struct guest *g);

/* Map everything but the RAM into the guest task. 0 or a negative error. */
long memory_map(struct guest *g);

/*
 * Map the large page of RAM at an offset (bytes) into the guest task, cleared if nobody has used
 * it yet. False: there is none, or the guest has given it back.
 */
bool memory_give(struct guest *g, uint64_t offset);

/* Give all of it back. */
void memory_destroy(struct guest *g);

/* --- threads.c --- */
/* Make the vCPUs' threads and interrupts, enter them into the start record. 0 or an error. */
long threads_create(struct guest *g);
long threads_start(struct guest *g);
void threads_destroy(struct guest *g);

/* Slots of the guest's capability space. */
enum guest_slot {
	SLOT_TASK = 1,
	SLOT_REQUESTS = 2,
	SLOT_NOTIFY = 3,
	SLOT_KERNEL_VIEW = 4,
	SLOT_PROCESS_VIEWS = 64,
	SLOT_THREADS = 128,
	SLOT_KICKS = 160,
	SLOT_FAULTS = 192,
	SLOT_CAPS = 224
};

/* Map a capability to a slot of the guest, rights L4_CAP_FPAGE_*; weak. 0 or an error. */
long guest_give(struct guest *g, l4_cap_idx_t cap, unsigned slot, unsigned rights);
/* The same, for gates that live as long as the guest has them. */
long guest_give_counted(struct guest *g, l4_cap_idx_t cap, unsigned slot, unsigned rights);

/* --- service.c --- */
/* The objects that the guest and the terminal send to. 0 or an error. */
long service_create(struct guest *g);
void service_destroy(struct guest *g);

/* The object of a vCPU's faults; see guest_create(). */
long service_faults(struct guest_vcpu *v);

/* Output of the guest, to the terminal and into the tail. */
void service_output(struct guest *g, const char *text, size_t bytes);

/* --- life.c --- */
/* Give the machine a store with what its kernel wants to know. False: it does not fit. */
bool life_open(struct guest *g);

/* The guest has written to the store's ring, or read what there was. */
void life_serve(struct guest *g);

/*
 * Ask the guest's kernel to end: "poweroff", "reboot", "halt". 0; -L4_ENODEV: it does not listen;
 * -L4_EBUSY: it has not taken what it was told before.
 */
long life_ask(struct guest *g, const char *what);

/* --- control.c --- */
/* What the shim keeps about a vCPU. The guest can write to it: no more than values. */
struct own;
struct own *guest_own(const struct guest *g, unsigned vcpu);

/* Tell the vCPUs which of them are to stand still, for a pause or a debugger. */
void guest_hold(struct guest *g);

/* Serve the scenario's capability `vmctl`, if there is one. 0 or an error. */
long control_open(struct guest *g, struct server *server);

/* --- crash.c --- */
/* Say that the machine has crashed, with the last lines of its console. */
void crash_report(struct guest *g, const char *why);

/*
 * Name of a guest address, by the file with the kernel's symbols if there is one, or by the
 * kernel's own table; see symbols_find().
 */
bool guest_symbol(struct guest *g, uint64_t address, char *to, size_t room);

/* As crash_report() for a vCPU in a hypercall, with what is known of its caller's registers. */
void crash_call(struct guest *g, unsigned vcpu, const char *why);

/* As crash_report() for an exception of a vCPU's thread, with its registers. */
void crash_exception(struct guest_vcpu *v, const l4_exc_regs_t *registers);

#endif
