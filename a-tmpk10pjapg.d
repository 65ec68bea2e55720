tmpk10pjapg.o: /tmp/tmpk10pjapg.c kernel/core/hidden.h \
 kernel/core/preempt.h
kernel/core/hidden.h:
kernel/core/preempt.h:
