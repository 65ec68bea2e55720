tmpl_0kasxp.o: /tmp/tmpl_0kasxp.c kernel/core/hidden.h kernel/mm/quota.h \
 kernel/core/types.h
kernel/core/hidden.h:
kernel/mm/quota.h:
kernel/core/types.h:
