# examples/embed, and examples/worst_row: a program and a callback against the installed package.
include(${CMAKE_CURRENT_LIST_DIR}/installed.cmake)
must_run(${BUILT}/embed/embed ${EXAMPLES}/embed/serve.json)
expect("${text}" "1000000 of 1000000 rows")
expect("${text}" "best under 5 ms: batch 270 at ")
ask(0 run ${EXAMPLES}/worst_row/sweep.json --plugin ${BUILT}/worst_row/worst_row.so)
expect("${errors}" "^worst row: 8, ")
