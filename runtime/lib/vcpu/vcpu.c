/* SPDX-License-Identifier: MIT */
/* vCPU library: what is not inline. */
#include <stdio.h>
#include <l4/re/c/util/kumem_alloc.h>
#include <l4/vcpu/vcpu.h>

int l4vcpu_ext_alloc(l4_vcpu_state_t **vcpu, l4_addr_t *ext_state, l4_cap_idx_t task,
		     l4_cap_idx_t regmgr)
{
	l4_addr_t page;
	int result = l4re_util_kumem_alloc(&page, 0, task, regmgr);

	if (result < 0)
		return result;
	*vcpu = (l4_vcpu_state_t *)page;
	*ext_state = page + L4_VCPU_OFFSET_EXT_STATE;
	return 0;
}

void l4vcpu_print_state(const l4_vcpu_state_t *vcpu, const char *prefix)
{
	printf("%svcpu=%p state=%x savedstate=%x label=%lx\n", prefix, (const void *)vcpu,
	       vcpu->state, vcpu->saved_state, vcpu->i.label);
	l4vcpu_print_state_arch(vcpu, prefix);
}

void l4vcpu_print_state_arch(const l4_vcpu_state_t *vcpu, const char *prefix)
{
	const l4_vcpu_regs_t *r = &vcpu->r;

	printf("%sip=%016lx sp=%016lx flags=%08lx trapno=%lx err=%lx pfa=%016lx\n", prefix, r->ip,
	       r->sp, r->flags, r->trapno, r->err, r->pfa);
	printf("%sax=%016lx bx=%016lx cx=%016lx dx=%016lx\n", prefix, r->ax, r->bx, r->cx, r->dx);
	printf("%ssi=%016lx di=%016lx bp=%016lx fs=%016lx\n", prefix, r->si, r->di, r->bp,
	       r->fs_base);
	printf("%sr8=%016lx r9=%016lx r10=%016lx r11=%016lx\n", prefix, r->r8, r->r9, r->r10,
	       r->r11);
	printf("%sr12=%016lx r13=%016lx r14=%016lx r15=%016lx\n", prefix, r->r12, r->r13, r->r14,
	       r->r15);
}
