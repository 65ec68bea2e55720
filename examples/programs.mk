# SPDX-License-Identifier: MIT
# Examples of the runtime: folders of examples/ with a scenario (.cfg) and the lines that it prints
# (expected). Included by the top Makefile after runtime/runtime.mk.

ex_libraries := irq server shmc vcpu l4re util wire
# $(call ex_program,NAME,SOURCES): a program with the helpers of examples/lib.
define ex_program
$(1)_cflags := -Iexamples -D_GNU_SOURCE
$$(call program,$(1),$(2:%=examples/%),ex $(ex_libraries))
endef

ex_cflags := -Iexamples
$(call library,ex,$(wildcard examples/lib/*.c))

$(eval $(call ex_program,ex_dataspace,dataspace/main.c))
$(eval $(call ex_program,ex_namespace,namespace/main.c))
$(eval $(call ex_program,ex_log,log/main.c))
$(eval $(call ex_program,ex_event,event/main.c))
$(eval $(call ex_program,ex_debug,debug/main.c))
$(eval $(call ex_program,ex_dma_space,dma-space/main.c))
$(eval $(call ex_program,ex_inhibitor_srv,inhibitor/server.c))
$(eval $(call ex_program,ex_inhibitor_clnt,inhibitor/client.c))
$(eval $(call ex_program,ex_video_screen,video/screen.c))
$(eval $(call ex_program,ex_video_painter,video/painter.c))
$(eval $(call ex_program,ex_util,util/main.c))
$(eval $(call ex_program,ex_reboot,reboot/main.c))
$(eval $(call ex_program,ex_irq,irq/main.c))
$(eval $(call ex_program,ex_shmc_prod,shmc/producer.c))
$(eval $(call ex_program,ex_shmc_cons,shmc/consumer.c))
$(eval $(call ex_program,ex_vcpu,vcpu/main.c))
$(eval $(call ex_program,ex_utcb_ipc,utcb-ipc/main.c))
$(eval $(call ex_program,ex_aliens,aliens/main.c))
$(eval $(call ex_program,ex_singlestep,singlestep/main.c))
$(eval $(call ex_program,ex_start_with_exc,start-with-exc/main.c))
$(eval $(call ex_program,calc-server,clntsrv/server.c))
$(eval $(call ex_program,calc-client,clntsrv/client.c))
$(call program,hello,examples/hello/main.c,)
$(call program,ticker,examples/ticker/main.c,)
$(call program,crash,examples/restart/main.c,)
