tmppelbpb_t.o: /tmp/tmppelbpb_t.c kernel/core/hidden.h \
 kernel/x86_64/desc.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/desc.h:
kernel/core/types.h:
