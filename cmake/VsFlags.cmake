# Language, warnings, hardening and sanitizers for everything that is ours.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

find_program(VS_CCACHE ccache)
if(VS_CCACHE)
	set(CMAKE_C_COMPILER_LAUNCHER "${VS_CCACHE}")
endif()

add_library(vs_flags INTERFACE)
target_compile_definitions(vs_flags INTERFACE _GNU_SOURCE VS_VERSION="${PROJECT_VERSION}")
target_compile_options(vs_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla
	-fno-common)
if(VS_WERROR)
	target_compile_options(vs_flags INTERFACE -Werror)
endif()

if(VS_SANITIZE)
	target_compile_options(vs_flags INTERFACE -fsanitize=${VS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(vs_flags INTERFACE -fsanitize=${VS_SANITIZE})
	target_compile_definitions(vs_flags INTERFACE VS_SANITIZED=1)
endif()

# For all, also what is not ours: a fuzzer sees how far it comes in the HTTP parser, too.
option(VS_FUZZ "Build the fuzz targets for libFuzzer (clang)" OFF)
if(VS_FUZZ)
	add_compile_options(-O1 -fsanitize=fuzzer-no-link,address)
endif()

# Steps at which the crash tests end the process: core/base/fault.h.
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
	target_compile_definitions(vs_flags INTERFACE VS_FAULTS=1)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
	# Layers are libraries of small files: only the linker sees what is worth inlining between them.
	include(CheckIPOSupported)
	check_ipo_supported(RESULT VS_IPO LANGUAGES C)
	set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${VS_IPO})
	target_compile_options(vs_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
	target_link_options(vs_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
