tmpi2mbzm89.o: /tmp/tmpi2mbzm89.c kernel/core/hidden.h kernel/bootinfo.h
kernel/core/hidden.h:
kernel/bootinfo.h:
