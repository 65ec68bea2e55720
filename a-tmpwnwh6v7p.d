tmpwnwh6v7p.o: /tmp/tmpwnwh6v7p.c kernel/core/hidden.h kernel/bootinfo.h
kernel/core/hidden.h:
kernel/bootinfo.h:
