tmp738k3s__.o: /tmp/tmp738k3s__.c kernel/core/hidden.h \
 kernel/core/memory.h kernel/core/types.h
kernel/core/hidden.h:
kernel/core/memory.h:
kernel/core/types.h:
