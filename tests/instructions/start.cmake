# Counts the instructions of a whole run of the program; fails where they are more than MOST. With ENTRIES, over a zoo of that many
# entries, each with two other names.
set(zoo "${WORK}/${NAME}_zoo")
if(ENTRIES)
  file(WRITE "${zoo}/own.json" "{\"sources\": {\"sheet\": {\"title\": \"Data sheet\"}}, \"entries\": {")
  foreach(i RANGE 1 ${ENTRIES})
    file(APPEND "${zoo}/own.json"
      "\n  \"Own_${i}_80GB\": {\"kind\": \"accelerator\", \"label\": \"Own card ${i} 80 GB\", \"vendor\": \"Own\", \"year\": 2024, "
      "\"aliases\": [\"own-card-${i}\", \"OC ${i}x\"], \"peak_rate\": {\"fp32\": \"60 TFLOP/s\", \"fp16\": \"989 TFLOP/s\"}, "
      "\"memory_capacity\": \"80 GB\", \"memory_bandwidth\": \"3.35 TB/s\", \"tdp\": \"700 W\", \"source\": \"sheet\"},")
  endforeach()
  file(APPEND "${zoo}/own.json" "\n  \"Own_last\": {\"based_on\": \"Own_1_80GB\"}}}\n")
  list(APPEND ARGUMENTS --zoo "${zoo}")
endif()
execute_process(COMMAND ${VALGRIND} --tool=callgrind --callgrind-out-file=${WORK}/${NAME}.callgrind ${PROGRAM} ${ARGUMENTS}
  OUTPUT_VARIABLE said ERROR_VARIABLE counted RESULT_VARIABLE status)
file(REMOVE_RECURSE "${zoo}")
string(REGEX MATCH "Collected : ([0-9]+)" found "${counted}")
set(instructions ${CMAKE_MATCH_1})
if(status OR NOT instructions OR NOT said)
  message(FATAL_ERROR "${PROGRAM} failed: ${said} ${counted}")
endif()
message(STATUS "${instructions} instructions; at most ${MOST} are allowed")
if(instructions GREATER MOST)
  message(FATAL_ERROR "${instructions} instructions are more than ${MOST}")
endif()
