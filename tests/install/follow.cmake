# follow(<page> <blocks>): a page of the docs as its reader follows it in a folder of its own, with the project's examples and what
# ./run builds; the installed package alone.
include(${CMAKE_CURRENT_LIST_DIR}/installed.cmake)

function(follow page blocks)
  cmake_path(GET page STEM name)
  set(desk ${WORK}/desk_${name})
  file(REMOVE_RECURSE ${desk})
  file(MAKE_DIRECTORY ${desk}/build)
  file(CREATE_LINK ${PREFIX} ${desk}/build/prefix SYMBOLIC)
  file(CREATE_LINK ${BUILT}/power_efficiency ${desk}/build/power_efficiency SYMBOLIC)
  file(CREATE_LINK ${SOURCE}/docs ${desk}/docs SYMBOLIC)
  file(CREATE_LINK ${SOURCE}/examples ${desk}/examples SYMBOLIC)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=IRONLAW_PLUGIN_PATH XDG_DATA_HOME=${WORK}/no_data PREFIX=${PREFIX}
      PATH=${PREFIX}/bin:$ENV{PATH} CXX=${COMPILER} CMAKE_GENERATOR=${GENERATOR} COLUMNS=150
      bash ${SOURCE}/tests/docs/run_page.bash ${SOURCE}/${page}
    WORKING_DIRECTORY ${desk} OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${text}")
  endif()
  expect("${text}" "(^|\n)${blocks} blocks of ")
  set(desk ${desk} PARENT_SCOPE)
endfunction()
