# examples/embed, and examples/worst_row: a program and a callback against the installed package.
include(${CMAKE_CURRENT_LIST_DIR}/installed.cmake)
must_run(${BUILT}/embed/embed ${EXAMPLES}/embed/serve.json)
expect("${text}" "1000000 of 1000000 rows")
expect("${text}" "best under 5 ms: batch 270 at ")
ask(0 run ${EXAMPLES}/worst_row/sweep.json --plugin ${BUILT}/worst_row/worst_row.so)
expect("${errors}" "^worst row: 8, ")

# What it links is small, and draws no charts.
file(REAL_PATH ${PREFIX}/lib/libironlaw.so library)
file(COPY_FILE ${library} ${WORK}/stripped.so)
must_run(strip ${WORK}/stripped.so)
file(SIZE ${WORK}/stripped.so size)
if(size GREATER 2300000)
  message(FATAL_ERROR "libironlaw.so takes ${size} bytes")
endif()
file(GET_RUNTIME_DEPENDENCIES LIBRARIES ${library} RESOLVED_DEPENDENCIES_VAR found UNRESOLVED_DEPENDENCIES_VAR missing)
if("${found};${missing}" MATCHES "duktape")
  message(FATAL_ERROR "libironlaw.so needs ${found};${missing}")
endif()

# The static libraries, for a program that also shows, draws, imports and checks.
file(WRITE ${WORK}/config.json [[{"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12, "n_positions": 1024,
  "n_ctx": 1024, "vocab_size": 50257}]])
file(WRITE ${WORK}/sweep.json [[{"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}},
  "axes": [{"node.batch_size": [1, 2, 4]}]}]])
must_run(${BUILT}/presents/presents ${WORK}/sweep.json ${WORK}/config.json ${PREFIX}/lib/ironlaw/plugins/roofline.so)
expect("${text}" "^batch_size,.*\n[0-9]+ bytes of chart\n.*\"parameters\": .*\nconforms\n$")
