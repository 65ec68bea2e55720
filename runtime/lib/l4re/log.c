/* SPDX-License-Identifier: MIT */
/* Text to a log, in any state of the message registers. */
#include <string.h>
#include <l4/re/c/log.h>
#include <l4/sys/vcon.h>

void l4re_log_printn_srv(const l4_cap_idx_t logcap, char const *string, int len)
{
	l4_msg_regs_t *mr = l4_utcb_mr();
	l4_msg_regs_t saved = *mr;
	l4_umword_t error = l4_utcb_tcr()->error;

	if (!l4_is_valid_cap(logcap))
		return;
	while (len > 0) {
		int piece = len < (int)L4_VCON_WRITE_SIZE ? len : (int)L4_VCON_WRITE_SIZE;

		l4_vcon_send(logcap, string, (unsigned)piece);
		string += piece;
		len -= piece;
	}
	*mr = saved;
	l4_utcb_tcr()->error = error;
}

void l4re_log_print_srv(const l4_cap_idx_t logcap, char const *string)
{
	l4re_log_printn_srv(logcap, string, (int)strlen(string));
}
