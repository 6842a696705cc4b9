# examples/research_extension: kinds, a study and a callback of its own, beside solvers of the project.
include(${CMAKE_CURRENT_LIST_DIR}/installed.cmake)
set(example ${EXAMPLES}/research_extension)
set(plugin --plugin ${BUILT}/research_extension/research_extension.so)
ask(0 run ${example}/chain.json ${plugin} --output csv)
# precision, ambient, context, peak rate: twice as many passes each way for 8 bits as for 4, and 5 ‰ a kelvin above 330 K.
expect("${output}" "\nint8,300,1024,3[0-9.]+e\\+14,")
string(REGEX MATCHALL "\n" rows "${output}")
list(LENGTH rows count)
expect("${count}" "^[89]$")
if(NOT EXISTS ${WORK}/chain.sqlite OR EXISTS ${WORK}/chain.sqlite.part)
  message(FATAL_ERROR "the callback left no whole file")
endif()
ask(0 run ${example}/search.json ${plugin} --output json)
string(JSON rounds LENGTH "${output}" rows)
expect("${rounds}" "^5$")  # 81, 27, 9, 3, 1
ask(0 plugin check ${BUILT}/research_extension/research_extension.so)
