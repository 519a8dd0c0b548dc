# Manual pages and completions for every installation; with VS_PACKAGES also units, and Debian packages by
# `cpack`. packaging/README.md tells more.
option(VS_PACKAGES "Build for Debian packages: units, users, changelogs" OFF)
set(VS_PACKAGE_CONTACT "VPN Sentinel <vpn-sentinel@packages.example.org>" CACHE STRING "Who answers for the packages")

# The program prints them itself: not when it is built for another machine, or instrumented.
if(NOT CMAKE_CROSSCOMPILING AND NOT VS_SANITIZE AND NOT VS_FUZZ AND NOT CMAKE_C_FLAGS MATCHES "coverage")
	set(vs_pages "${CMAKE_BINARY_DIR}/pages")
	add_custom_command(OUTPUT "${vs_pages}.stamp"
		COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=$<TARGET_FILE:vpn-sentinel>" "-DFOLDER=${vs_pages}"
			-P "${CMAKE_SOURCE_DIR}/packaging/pages.cmake"
		COMMAND "${CMAKE_COMMAND}" -E touch "${vs_pages}.stamp"
		DEPENDS vpn-sentinel "${CMAKE_SOURCE_DIR}/packaging/pages.cmake" VERBATIM)
	add_custom_target(pages ALL DEPENDS "${vs_pages}.stamp")
	install(DIRECTORY "${vs_pages}/" DESTINATION ${CMAKE_INSTALL_DATADIR})
endif()

if(NOT VS_PACKAGES)
	return()
endif()

set(vs_packaging "${CMAKE_SOURCE_DIR}/packaging")
install(FILES "${vs_packaging}/server.env" "${vs_packaging}/client.env"
	DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/vpn-sentinel PERMISSIONS OWNER_READ OWNER_WRITE)
install(FILES "${vs_packaging}/vpn-sentinel-server.service" "${vs_packaging}/vpn-sentinel-client.service"
	DESTINATION lib/systemd/system)

# What Debian wants beside each package: who may copy it, and since when it is as it is.
string(TIMESTAMP vs_date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH, when that is set
foreach(component core plugin-mqtt plugin-mmdb sdk)
	set(package "vpn-sentinel-${component}")
	string(REPLACE "-core" "" package "${package}")
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

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vpn-sentinel)
set(CPACK_PACKAGE_CONTACT "${VS_PACKAGE_CONTACT}")
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/deb")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL core plugin-mqtt plugin-mmdb sdk)
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
set(CPACK_DEBIAN_CORE_PACKAGE_SUGGESTS "vpn-sentinel-plugin-mmdb, vpn-sentinel-plugin-mqtt")
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
include(CPack)
