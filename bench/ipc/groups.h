/* SPDX-License-Identifier: MIT */
/* The groups of rows of the benchmark set "ipc", in the order in which they run. */
#ifndef BENCH_IPC_GROUPS_H
#define BENCH_IPC_GROUPS_H

#include "measure.h"

enum { PRIO_ABOVE = PRIO_MAIN + 20 };

void bench_boot(void);	  /* boot_to_user */
void bench_call(void);	  /* null_op, send_invalid */
void bench_ipc(void);	  /* ipc_* */
void bench_irq(void);	  /* irq_* */
void bench_map(void);	  /* map_page, unmap_page, ipc_map_page */
void bench_objects(void); /* task_*, thread_*, gate_* */
void bench_vcpu(void);	  /* vcpu_exit_* */

#endif
