# SPDX-License-Identifier: MIT
# Decoders of compressed data from the distribution's source packages, as they are: zlib (inflate),
# liblzma (xz, lzma), lz4, libzstd. Libraries for the runtime; $(O)/host/libdecompress.a is all of
# them for tests on the host. Who includes their headers waits for $(decompress_headers). Included by
# runtime/runtime.mk.

# $(call decompress_source,NAME,PACKAGE,VERSION,FOLDER,FILES): fetch FOLDER of the package; NAME_src
# are FILES in it, without .c.
define decompress_package
$(1)_source := $(O)/source/$(2)-$(3)
decompress_headers += $(O)/source/$(2)-$(3)/.complete
$(1)_src := $(patsubst %,$(O)/source/$(2)-$(3)/$(4)/%.c,$(5))
$(O)/source/$(2)-$(3)/.complete: tools/sources.txt tools/fetch-source
	$$(call say,FETCH,$(2))tools/fetch-source -o $(O)/source $(2) '$(3)'
	@touch $$@
$(patsubst %,$(O)/source/$(2)-$(3)/$(4)/%.c,$(5)): $(O)/source/$(2)-$(3)/.complete ;
endef
decompress_source = $(eval $(call decompress_package,$(1),$(2),$(3),$(4),$(5)))

$(call decompress_source,zlib,zlib,1.2.13.dfsg-1,.,adler32 crc32 inffast inflate inftrees zutil)
$(call decompress_source,lzma,xz-utils,5.4.1-1+deb12u2,src/liblzma,\
	$(addprefix check/,check crc32_fast crc32_table crc64_fast crc64_table sha256) \
	$(addprefix common/,alone_decoder block_decoder block_header_decoder block_util common \
	filter_common filter_decoder filter_flags_decoder index index_hash stream_decoder \
	stream_flags_common stream_flags_decoder vli_decoder vli_size) \
	lz/lz_decoder lzma/lzma2_decoder lzma/lzma_decoder simple/simple_coder \
	simple/simple_decoder simple/x86)
$(call decompress_source,lz4,lz4,1.9.4-1,lib,lz4)
$(call decompress_source,zstd,libzstd,1.5.4+dfsg2-5,lib,\
	$(addprefix common/,debug entropy_common error_private fse_decompress xxhash zstd_common) \
	$(addprefix decompress/,huf_decompress zstd_ddict zstd_decompress zstd_decompress_block))

# What includes their headers waits for these.
decompress_sources := $(foreach n,zlib lzma lz4 zstd,$($(n)_source)/.complete)

# Warnings about them are for their authors.
decompress_cflags := -w -O2 -DNDEBUG -I$(zlib_source) -I$(lzma_source)/src/liblzma/api -I$(lz4_source)/lib \
	-I$(zstd_source)/lib
zlib_cflags := $(decompress_cflags) -DHAVE_HIDDEN
lzma_cflags := $(decompress_cflags) -DHAVE_STDINT_H -DHAVE_STDBOOL_H -DHAVE_CHECK_CRC32 \
	-DHAVE_CHECK_CRC64 -DHAVE_CHECK_SHA256 -DHAVE_DECODERS -DHAVE_DECODER_LZMA1 \
	-DHAVE_DECODER_LZMA2 -DHAVE_DECODER_X86 -DTUKLIB_FAST_UNALIGNED_ACCESS \
	$(addprefix -I$(lzma_source)/src/,common liblzma/api liblzma/check liblzma/common \
	liblzma/delta liblzma/lz liblzma/lzma liblzma/rangecoder liblzma/simple)
lz4_cflags := $(decompress_cflags)
zstd_cflags := $(decompress_cflags) -DZSTD_DISABLE_ASM -DZSTD_LEGACY_SUPPORT=0 -DZSTD_STRIP_ERROR_STRINGS=0

$(call library,zlib,$(zlib_src))
$(call library,lzma,$(lzma_src))
$(call library,lz4,$(lz4_src))
$(call library,zstd,$(zstd_src))

decompress_names := zlib lzma lz4 zstd
decompress_host_obj := $(foreach n,$(decompress_names),$(patsubst $(O)/source/%,$(O)/host/%.o,$($(n)_src)))
$(foreach n,$(decompress_names),$(eval \
	$(patsubst $(O)/source/%,$(O)/host/%.o,$($(n)_src)): decompress_own := $($(n)_cflags)))
$(decompress_host_obj): $(O)/host/%.o: $(O)/source/%
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)$(HOSTCC) -std=gnu17 -g $(decompress_own) -c -o $@ $<
$(O)/host/libdecompress.a: $(decompress_host_obj)
	@rm -f $@
	$(call say,AR,$@)ar rcs $@ $^
