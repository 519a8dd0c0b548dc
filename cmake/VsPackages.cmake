# Manual pages and completions for every installation; with VS_PACKAGES also units, and Debian packages by
# `cpack`. packaging/README.md tells more.
option(VS_PACKAGES "Build for Debian packages: units, users, changelogs" OFF)
set(VS_PACKAGE_CONTACT "" CACHE STRING "Who answers for the packages: Name <mail>")

# The program prints them itself. One that is instrumented is nobody's to install; one for another machine cannot
# be run here, but another build of the same version prints the same.
set(vs_printer "$<TARGET_FILE:vpn-sentinel>")
set(vs_pages_missing "")
if(CMAKE_CROSSCOMPILING)
	set(VS_HOST_PROGRAM "" CACHE FILEPATH "A vpn-sentinel of this version that runs here: prints manual pages and completions")
	set(vs_printer "${VS_HOST_PROGRAM}")
	if(NOT VS_HOST_PROGRAM)
		set(vs_pages_missing "Manual pages and completions are printed by a vpn-sentinel that runs on this machine. Build "
			"one of the same version here, and name it with -DVS_HOST_PROGRAM=/path/to/vpn-sentinel.")
		string(CONCAT vs_pages_missing ${vs_pages_missing})
	endif()
endif()
if(vs_printer AND NOT VS_SANITIZE AND NOT VS_FUZZ AND NOT CMAKE_C_FLAGS MATCHES "coverage")
	set(vs_pages "${CMAKE_BINARY_DIR}/pages")
	add_custom_command(OUTPUT "${vs_pages}.stamp"
		COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=${vs_printer}" "-DFOLDER=${vs_pages}" "-DVERSION=${PROJECT_VERSION}"
			-P "${CMAKE_SOURCE_DIR}/packaging/pages.cmake"
		COMMAND "${CMAKE_COMMAND}" -E touch "${vs_pages}.stamp"
		DEPENDS vpn-sentinel "${CMAKE_SOURCE_DIR}/packaging/pages.cmake" VERBATIM)
	add_custom_target(pages ALL DEPENDS "${vs_pages}.stamp")
	install(DIRECTORY "${vs_pages}/" DESTINATION ${CMAKE_INSTALL_DATADIR})
elseif(vs_pages_missing AND VS_PACKAGES)
	message(FATAL_ERROR "${vs_pages_missing}")
elseif(vs_pages_missing)
	message(WARNING "${vs_pages_missing} Without, they are not installed.")
endif()

if(NOT VS_PACKAGES)
	return()
endif()
if(NOT VS_PACKAGE_CONTACT MATCHES "^[^<>]+ <[^<>@ ]+@[^<>@ ]+>$")
	message(FATAL_ERROR "Who answers for these packages? Say it in each of them with "
		"-DVS_PACKAGE_CONTACT='Jo Doe <jo@example.org>', with your name and address.")
endif()

set(vs_packaging "${CMAKE_SOURCE_DIR}/packaging")
install(FILES "${vs_packaging}/server.env" "${vs_packaging}/client.env"
	DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/vpn-sentinel PERMISSIONS OWNER_READ OWNER_WRITE)
install(FILES "${vs_packaging}/vpn-sentinel-server.service" "${vs_packaging}/vpn-sentinel-client.service"
	DESTINATION lib/systemd/system)

# What Debian wants beside each package: who may copy it, and since when it is as it is.
string(TIMESTAMP vs_date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH, when that is set
set(vs_components core plugin-mqtt plugin-mmdb sdk python)
foreach(component IN LISTS vs_components)
	set(package "vpn-sentinel-${component}")
	string(REPLACE "-core" "" package "${package}")
	string(REPLACE "vpn-sentinel-python" "python3-vpn-sentinel-client" package "${package}")
	set(folder "${CMAKE_BINARY_DIR}/packaging/${package}")
	file(WRITE "${folder}/changelog" "${package} (${PROJECT_VERSION}) unstable; urgency=medium\n\n"
		"  * Built from its sources: CHANGELOG.md tells what changed.\n\n"
		" -- ${VS_PACKAGE_CONTACT}  ${vs_date}\n")
	execute_process(COMMAND gzip -9nkf "${folder}/changelog" COMMAND_ERROR_IS_FATAL ANY)
	install(FILES "${folder}/changelog.gz" "${vs_packaging}/copyright"
		DESTINATION "share/doc/${package}" COMPONENT ${component})
	string(TOUPPER "${component}" key)
	set(CPACK_DEBIAN_${key}_PACKAGE_NAME "${package}")
	set(CPACK_DEBIAN_${key}_FILE_NAME DEB-DEFAULT)
endforeach()
install(DIRECTORY sdk/examples DESTINATION share/doc/vpn-sentinel-sdk COMPONENT sdk)
install(FILES sdk/README.md sdk/ABI.md DESTINATION share/doc/vpn-sentinel-sdk COMPONENT sdk)
install(DIRECTORY sdk/clients/python/vpn_sentinel_client DESTINATION lib/python3/dist-packages COMPONENT python
	FILES_MATCHING PATTERN "*.py" PATTERN "py.typed" PATTERN "__pycache__" EXCLUDE)
install(FILES sdk/clients/python/README.md DESTINATION share/doc/python3-vpn-sentinel-client COMPONENT python)
install(FILES "${vs_packaging}/lintian-overrides" DESTINATION share/lintian/overrides RENAME vpn-sentinel)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vpn-sentinel)
set(CPACK_PACKAGE_CONTACT "${VS_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # else it goes before each package's own
if(CMAKE_CROSSCOMPILING AND CMAKE_LIBRARY_ARCHITECTURE)
	execute_process(COMMAND dpkg-architecture -t ${CMAKE_LIBRARY_ARCHITECTURE} -q DEB_HOST_ARCH
		OUTPUT_VARIABLE CPACK_DEBIAN_PACKAGE_ARCHITECTURE OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
		COMMAND_ERROR_IS_FATAL ANY)
endif()
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/deb")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL ${vs_components})
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

set(CPACK_DEBIAN_CORE_DESCRIPTION "monitor that proves whether traffic leaves through the VPN tunnel
A client inside the tunnel tells what the world sees of its host, a server
outside compares it with the network outside, and alerts people by Telegram,
mail and others when the tunnel is lost, bypassed, or leaks.")
set(CPACK_DEBIAN_CORE_PACKAGE_DEPENDS "adduser, ca-certificates, tzdata")
set(CPACK_DEBIAN_CORE_PACKAGE_SUGGESTS "vpn-sentinel-plugin-mmdb, vpn-sentinel-plugin-mqtt, curl")
set(CPACK_DEBIAN_CORE_PACKAGE_CONTROL_EXTRA "${vs_packaging}/conffiles;${vs_packaging}/postinst;${vs_packaging}/prerm;${vs_packaging}/postrm")

set(CPACK_DEBIAN_PLUGIN-MQTT_DESCRIPTION "MQTT channel for VPN Sentinel
A plugin that publishes alerts and states at an MQTT broker.")
set(CPACK_DEBIAN_PLUGIN-MQTT_PACKAGE_DEPENDS "vpn-sentinel (= ${PROJECT_VERSION})")

set(CPACK_DEBIAN_PLUGIN-MMDB_DESCRIPTION "places from local databases for VPN Sentinel
A plugin that finds countries and networks of addresses in MaxMind DB files
on this machine, and asks nobody outside.")
set(CPACK_DEBIAN_PLUGIN-MMDB_PACKAGE_DEPENDS "vpn-sentinel (= ${PROJECT_VERSION})")

set(CPACK_DEBIAN_SDK_DESCRIPTION "headers and testkit for plugins of VPN Sentinel
What the author of a plugin needs: headers of the plugin ABI, a CMake
package, a testkit, and examples.")
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_SDK_PACKAGE_SUGGESTS "libcmocka-dev")

set(CPACK_DEBIAN_PYTHON_DESCRIPTION "keepalives to a VPN Sentinel server from Python programs
A module of the standard library alone: it tells a server what a program of
your own measured, and reads what the server knows of every client.")
set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3:any (>= 3.9)")
set(CPACK_DEBIAN_PYTHON_PACKAGE_CONTROL_EXTRA "${vs_packaging}/python/postinst;${vs_packaging}/python/prerm")
include(CPack)
