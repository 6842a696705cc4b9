# Counts the instructions that Solver::evaluate takes a row; fails where they are more than MOST, or more than PERCENT of those that
# the arguments AGAINST take. LANES: at most so many rows together.
function(count arguments name)
  set(out "${WORK}/${name}.callgrind")
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env IRONLAW_COUNTED_PLUGIN=${PLUGIN} IRONLAW_LANES=${LANES}
      ${VALGRIND} --tool=callgrind --collect-atstart=no "--toggle-collect=ironlaw::Solver::evaluate(ironlaw::Block const&) const"
      --callgrind-out-file=${out} ${PROGRAM} ${arguments}
    OUTPUT_VARIABLE said ERROR_VARIABLE counted RESULT_VARIABLE status)
  if(status)
    message(FATAL_ERROR "${PROGRAM} failed: ${said} ${counted}")
  endif()
  string(REGEX MATCH "Collected : ([0-9]+)" found "${counted}")
  set(instructions ${CMAKE_MATCH_1})
  string(REGEX MATCH "^([0-9]+) rows" found "${said}")
  if(NOT instructions OR NOT CMAKE_MATCH_1)
    message(FATAL_ERROR "nothing was counted: ${said} ${counted}")
  endif()
  math(EXPR each "${instructions} / ${CMAKE_MATCH_1}")
  set(each ${each} PARENT_SCOPE)
endfunction()

count("${ARGUMENTS}" "${NAME}")
if(AGAINST)
  set(one ${each})
  count("${AGAINST}" "${NAME}_against")
  math(EXPR share "100 * ${one} / ${each}")
  message(STATUS "${one} instructions a row, ${share} % of ${each}; at most ${PERCENT} % are allowed")
  if(share GREATER PERCENT)
    message(FATAL_ERROR "${one} instructions a row are more than ${PERCENT} % of ${each}")
  endif()
else()
  message(STATUS "${each} instructions a row; at most ${MOST} are allowed")
  if(each GREATER MOST)
    message(FATAL_ERROR "${each} instructions a row are more than ${MOST}")
  endif()
endif()
