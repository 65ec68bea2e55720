tmps_qbn1o9.o: /tmp/tmps_qbn1o9.c kernel/core/hidden.h \
 kernel/core/hidden.h
kernel/core/hidden.h:
kernel/core/hidden.h:
