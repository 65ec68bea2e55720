tmp_m5xz13b.o: /tmp/tmp_m5xz13b.c kernel/core/hidden.h \
 kernel/core/preempt.h
kernel/core/hidden.h:
kernel/core/preempt.h:
