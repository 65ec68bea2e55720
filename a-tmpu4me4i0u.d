tmpu4me4i0u.o: /tmp/tmpu4me4i0u.c kernel/core/hidden.h \
 kernel/x86_64/desc.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/desc.h:
kernel/core/types.h:
