# Counts the instructions that rows of a table take in FORMAT, beyond start-up, and those of the same rows in CSV; fails where they are
# more than PERCENT of them.
function(count format steps)
  file(WRITE "${WORK}/${NAME}.json" "{\"version\": 1, \"stages\": {\"node\": {\"solver\": \"single_node\", \"workload\": \"ResNet50\", \"hardware\": \"H100\"}},
    \"axes\": [{\"node.batch_size\": {\"from\": 1, \"to\": 100, \"steps\": 100}}, {\"node.efficiency\": {\"from\": 0.3, \"to\": 0.7, \"steps\": ${steps}}}],
    \"report\": {${REPORT}}}")
  execute_process(COMMAND ${VALGRIND} --tool=callgrind --callgrind-out-file=${WORK}/${NAME}.callgrind
      ${PROGRAM} run "${WORK}/${NAME}.json" --threads 1 --output ${format}
    OUTPUT_VARIABLE said ERROR_VARIABLE counted RESULT_VARIABLE status)
  string(REGEX MATCH "Collected : ([0-9]+)" found "${counted}")
  if(status OR NOT CMAKE_MATCH_1 OR NOT said)
    message(FATAL_ERROR "${PROGRAM} failed: ${said} ${counted}")
  endif()
  set(instructions ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()
# The first 1,024 rows are kept to choose widths and units by: both counts have them.
foreach(format IN ITEMS csv ${FORMAT})
  count(${format} 20)
  set(few ${instructions})
  count(${format} 120)
  math(EXPR ${format} "(${instructions} - ${few}) / 10000")
endforeach()
math(EXPR share "100 * ${${FORMAT}} / ${csv}")
message(STATUS "${${FORMAT}} instructions a row, ${share} % of ${csv}; at most ${PERCENT} % are allowed")
if(share GREATER PERCENT)
  message(FATAL_ERROR "${${FORMAT}} instructions a row are more than ${PERCENT} % of ${csv}")
endif()
