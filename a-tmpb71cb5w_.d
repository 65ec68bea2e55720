tmpb71cb5w_.o: /tmp/tmpb71cb5w_.c kernel/core/hidden.h \
 kernel/core/memory.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/memory.h:
kernel/core/types.h:
