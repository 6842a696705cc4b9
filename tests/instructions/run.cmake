# Counts the instructions that ROWS rows more take in a run of the program, whatever is done with them: of CONFIG with MANY for @steps@
# less those with FEW; fails where a row takes more than MOST. ARGUMENTS go to `run`.
cmake_policy(VERSION 3.25)
function(count steps)
  file(READ "${CONFIG}" text)
  string(REPLACE "@steps@" "${steps}" text "${text}")
  set(file "${WORK}/run_${NAME}.json")
  file(WRITE "${file}" "${text}")
  execute_process(
    COMMAND ${VALGRIND} --tool=callgrind --callgrind-out-file=${file}.callgrind ${PROGRAM} run "${file}" --threads 1 --output csv ${ARGUMENTS}
    OUTPUT_VARIABLE said ERROR_VARIABLE counted RESULT_VARIABLE status)
  string(REGEX MATCH "Collected : ([0-9]+)" found "${counted}")
  if(status OR NOT CMAKE_MATCH_1 OR NOT said)
    message(FATAL_ERROR "${PROGRAM} failed: ${said} ${counted}")
  endif()
  set(instructions ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

count("${FEW}")
set(few ${instructions})
count("${MANY}")
math(EXPR each "(${instructions} - ${few}) / ${ROWS}")
message(STATUS "${each} instructions a row; at most ${MOST} are allowed")
if(each GREATER MOST)
  message(FATAL_ERROR "${each} instructions a row are more than ${MOST}")
endif()
