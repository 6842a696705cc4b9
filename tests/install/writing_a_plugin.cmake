# docs/writing-a-plugin.md as its reader follows it, from the installed package alone.
include(${CMAKE_CURRENT_LIST_DIR}/installed.cmake)
set(page ${WORK}/page)
file(REMOVE_RECURSE ${page})
file(MAKE_DIRECTORY ${page})
file(REMOVE ${PREFIX}/lib/ironlaw/plugins/power_efficiency.so)
execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=IRONLAW_PLUGIN_PATH XDG_DATA_HOME=${WORK}/no_data PREFIX=${PREFIX}
    PATH=${PREFIX}/bin:$ENV{PATH} CXX=${COMPILER} CMAKE_GENERATOR=${GENERATOR} COLUMNS=150
    bash ${SOURCE}/tests/docs/run_page.bash ${SOURCE}/docs/writing-a-plugin.md
  WORKING_DIRECTORY ${page} OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${text}")
endif()
file(REMOVE ${PREFIX}/lib/ironlaw/plugins/power_efficiency.so)
expect("${text}" "1[0-9] blocks of ")
# What an author writes is at most 40 lines.
file(STRINGS ${page}/power_efficiency/power_efficiency.hpp lines)
list(LENGTH lines count)
if(count GREATER 40)
  message(FATAL_ERROR "the solver takes ${count} lines")
endif()
