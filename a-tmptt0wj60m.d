tmptt0wj60m.o: /tmp/tmptt0wj60m.c kernel/core/hidden.h \
 kernel/core/preempt.h
kernel/core/hidden.h:
kernel/core/preempt.h:
