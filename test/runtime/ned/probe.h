/* SPDX-License-Identifier: MIT */
/* Looks of the probe at where the loader has put things. Each gets its words, returns 0 if right.
 */
#ifndef NED_PROBE_H
#define NED_PROBE_H

/* at ADDRESS: the program begins there. */
int probe_at(char **words);
/* upper 1|0: the task can, or cannot, have memory in the upper half. */
int probe_upper(char **words);
/* stack ADDRESS BYTES: the first thread's. */
int probe_stack(char **words);
/* kip ADDRESS: the kernel info page. */
int probe_kip(char **words);
/* no_pager: all of image and stack can be used by a thread without a pager. */
int probe_no_pager(char **words);
/* flags NUMBER: what the loader was told. */
int probe_flags(char **words);
/* backing NAME: name of the region with the program's code. */
int probe_backing(char **words);
/* file honest|refuses|revokes|boasts: serve this program as a file at the gate `file`, for ever. */
int probe_file(char **words);

#endif
