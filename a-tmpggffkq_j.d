tmpggffkq_j.o: /tmp/tmpggffkq_j.c kernel/core/hidden.h \
 kernel/core/flexpage.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/flexpage.h:
kernel/core/types.h:
