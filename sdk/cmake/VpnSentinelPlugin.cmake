# A plugin is a shared object <folder of its kind>/<name>.so that sees the SDK's headers and
# nothing else of VPN Sentinel.
#
#   vpn_sentinel_plugin(NAME weather KIND probe SOURCES weather.c sky.c LIBRARIES PkgConfig::JANSSON)
#
# builds lib/vpn-sentinel/probes/weather.so as target plugin_probe_weather and installs it below
# VPN_SENTINEL_PLUGIN_DIR. SANITIZERS, warnings and hardening are the caller's own flags.
set(VPN_SENTINEL_PLUGIN_DIR "lib/vpn-sentinel" CACHE STRING "Where plugins are installed, below the prefix")

function(vpn_sentinel_plugin)
	cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;KIND" "SOURCES;LIBRARIES")
	if(NOT arg_NAME MATCHES "^[a-z][a-z0-9_]*$")
		message(FATAL_ERROR "vpn_sentinel_plugin: NAME \"${arg_NAME}\" must look like [a-z][a-z0-9_]*")
	endif()
	set(folder_probe probes)
	set(folder_notifier notifiers)
	set(folder_auth auth)
	set(folder_store stores)
	if(NOT DEFINED folder_${arg_KIND})
		message(FATAL_ERROR "vpn_sentinel_plugin: KIND \"${arg_KIND}\" is none of probe, notifier, auth, store")
	endif()
	set(folder "${folder_${arg_KIND}}")
	set(target "plugin_${arg_KIND}_${arg_NAME}")

	add_library(${target} MODULE ${arg_SOURCES})
	set_target_properties(${target} PROPERTIES
		PREFIX "" SUFFIX ".so" OUTPUT_NAME "${arg_NAME}"
		C_STANDARD 11 C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
		LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/vpn-sentinel/${folder}")
	target_link_libraries(${target} PRIVATE VpnSentinel::sdk ${arg_LIBRARIES})
	if(TARGET vs_flags)
		target_link_libraries(${target} PRIVATE vs_flags)
	endif()
	target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now)
	# A plugin must not depend on symbols of the program that loads it; sanitizers do by nature.
	if(NOT VS_SANITIZE AND NOT CMAKE_C_FLAGS MATCHES "fsanitize")
		target_link_options(${target} PRIVATE -Wl,-z,defs)
	endif()
	install(TARGETS ${target} LIBRARY DESTINATION "${VPN_SENTINEL_PLUGIN_DIR}/${folder}")
endfunction()
