tmpmeoz3dsw.o: /tmp/tmpmeoz3dsw.c kernel/core/hidden.h kernel/bootinfo.h
kernel/core/hidden.h:
kernel/bootinfo.h:
