tmpz3uuorhy.o: /tmp/tmpz3uuorhy.c kernel/core/hidden.h kernel/bootinfo.h
kernel/core/hidden.h:
kernel/bootinfo.h:
