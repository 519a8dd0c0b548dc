# Outside libraries, one imported target each. README.md says why each is here.
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBUV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(FYAML REQUIRED IMPORTED_TARGET libfyaml)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(YAJL REQUIRED IMPORTED_TARGET yajl)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(CARES REQUIRED IMPORTED_TARGET libcares)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl)
pkg_check_modules(ELF REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(LDNS REQUIRED IMPORTED_TARGET ldns)
pkg_check_modules(GLIB REQUIRED IMPORTED_TARGET glib-2.0)
find_package(Threads REQUIRED)

# llhttp: a library of its own on Debian 13, C source inside node-llhttp on Debian 12.
pkg_check_modules(LLHTTP IMPORTED_TARGET libllhttp)
add_library(vs_llhttp INTERFACE)
if(LLHTTP_FOUND)
	target_link_libraries(vs_llhttp INTERFACE PkgConfig::LLHTTP)
else()
	find_path(LLHTTP_INCLUDE llhttp.h PATHS /usr/share/include/llhttp REQUIRED)
	find_path(LLHTTP_SOURCE llhttp.c PATHS /usr/share/llhttp REQUIRED)
	add_library(vs_llhttp_source STATIC
		${LLHTTP_SOURCE}/api.c ${LLHTTP_SOURCE}/http.c ${LLHTTP_SOURCE}/llhttp.c)
	target_include_directories(vs_llhttp_source SYSTEM PUBLIC ${LLHTTP_INCLUDE})
	# Strict in every unit: the default lets "X : y" and "\r\rX" through.
	target_compile_definitions(vs_llhttp_source PRIVATE LLHTTP_STRICT_MODE=1)
	target_link_libraries(vs_llhttp INTERFACE vs_llhttp_source)
endif()
