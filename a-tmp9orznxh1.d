tmp9orznxh1.o: /tmp/tmp9orznxh1.c kernel/core/hidden.h \
 kernel/x86_64/msi.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/msi.h:
kernel/core/types.h:
