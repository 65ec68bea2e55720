tmpj_ogt6kf.o: /tmp/tmpj_ogt6kf.c kernel/core/hidden.h \
 kernel/core/print.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/print.h:
kernel/core/types.h:
