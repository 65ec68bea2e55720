// SPDX-License-Identifier: GPL-2.0
/* Text to a log of L4 (l4/re/c/log.h). The message registers of the caller are kept. */
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/string.h>

#include <l4/re/c/log.h>
#include <l4/sys/vcon.h>

void l4re_log_printn_srv(const l4_cap_idx_t logcap, char const *string, int len)
{
	l4_utcb_t *utcb = l4_utcb();
	l4_msg_regs_t saved = utcb->mr;
	l4_umword_t error = utcb->tcr.error;

	while (l4_is_valid_cap(logcap) && len > 0) {
		int piece = min_t(int, len, L4_VCON_WRITE_SIZE);

		l4_vcon_send_u(logcap, string, piece, utcb);
		string += piece;
		len -= piece;
	}
	utcb->mr = saved;
	utcb->tcr.error = error;
}
EXPORT_SYMBOL_GPL(l4re_log_printn_srv);

void l4re_log_print_srv(const l4_cap_idx_t logcap, char const *string)
{
	l4re_log_printn_srv(logcap, string, strlen(string));
}
EXPORT_SYMBOL_GPL(l4re_log_print_srv);
