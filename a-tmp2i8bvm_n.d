tmp2i8bvm_n.o: /tmp/tmp2i8bvm_n.c kernel/core/hidden.h \
 kernel/core/preempt.h
kernel/core/hidden.h:
kernel/core/preempt.h:
