# For the scripts of this folder: what they are given (SOURCE: the source tree, WORK: a folder of theirs), and how they ask.
cmake_policy(VERSION 3.25)
set(PREFIX ${WORK}/prefix)
set(BUILT ${WORK}/build)
set(EXAMPLES ${SOURCE}/examples)

function(must_run)
  execute_process(COMMAND ${ARGV} WORKING_DIRECTORY ${WORK} OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "exit status ${status}: ${ARGV}\n${text}")
  endif()
  set(text "${text}" PARENT_SCOPE)
endfunction()

# ask(<exit status> <arguments of ironlaw>...) sets `output` and `errors`.
function(ask expected)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=IRONLAW_PLUGIN_PATH XDG_DATA_HOME=${WORK}/no_data ${PREFIX}/bin/ironlaw ${ARGN}
    WORKING_DIRECTORY ${WORK} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status)
  if(NOT status STREQUAL expected)
    message(FATAL_ERROR "ironlaw ${ARGN}: exit status ${status}, expected ${expected}\n${output}${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
  set(errors "${errors}" PARENT_SCOPE)
endfunction()

function(expect text pattern)
  if(NOT text MATCHES "${pattern}")
    message(FATAL_ERROR "expected ${pattern} in:\n${text}")
  endif()
endfunction()
