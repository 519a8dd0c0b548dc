# Installs the SDK into an empty prefix and builds and tests the example against nothing else.
#   cmake -DSOURCE=<sdk> -DWORK=<scratch folder> -DGENERATOR=<Ninja> -DCOMPILER=<cc> -P sdk_alone.cmake
function(run)
	execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
	if(failed)
		message(FATAL_ERROR "${ARGN}\n${output}")
	endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
set(tools -G "${GENERATOR}" "-DCMAKE_C_COMPILER=${COMPILER}")
run("${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}/sdk" ${tools})
run("${CMAKE_COMMAND}" --build "${WORK}/sdk")
run("${CMAKE_COMMAND}" --install "${WORK}/sdk" --prefix "${WORK}/prefix")
# A copy, so that no path inside the tree can help.
file(COPY "${SOURCE}/examples/uptime" DESTINATION "${WORK}")
run("${CMAKE_COMMAND}" -S "${WORK}/uptime" -B "${WORK}/build" ${tools} "-DCMAKE_PREFIX_PATH=${WORK}/prefix"
	"-DCMAKE_C_FLAGS=-Wall -Wextra -Wpedantic -Werror")
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${CMAKE_COMMAND}" --install "${WORK}/build" --prefix "${WORK}/prefix")
if(NOT EXISTS "${WORK}/prefix/lib/vpn-sentinel/probes/uptime.so")
	message(FATAL_ERROR "the example was not installed where plugins are looked for")
endif()
run("${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}/build" --output-on-failure --no-tests=error)

# The guide shows the example as it is built.
file(READ "${SOURCE}/README.md" guide)
file(READ "${SOURCE}/examples/uptime/uptime.c" example)
string(FIND "${guide}" "```c\n${example}```" at)
if(at EQUAL -1)
	message(FATAL_ERROR "the code block of ${SOURCE}/README.md is not examples/uptime/uptime.c")
endif()
