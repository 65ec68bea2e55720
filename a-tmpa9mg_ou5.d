tmpa9mg_ou5.o: /tmp/tmpa9mg_ou5.c kernel/core/hidden.h \
 kernel/x86_64/walk.h kernel/core/types.h
kernel/core/hidden.h:
kernel/x86_64/walk.h:
kernel/core/types.h:
