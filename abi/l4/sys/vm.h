/* SPDX-License-Identifier: MIT */
/*
 * VM: a task object for guest-physical memory, used as user task of an extended vCPU. Memory is
 * mapped with l4_task_map(); the guest's registers are in the vCPU state page.
 */
#ifndef L4_SYS_VM_H
#define L4_SYS_VM_H

#include <l4/sys/__vm-svm.h>
#include <l4/sys/__vm-vmx.h>

#endif
