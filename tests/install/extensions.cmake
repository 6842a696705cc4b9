# The extensions from papers in examples: each conforms, answers its golden questions, and its configs run.
include(${CMAKE_CURRENT_LIST_DIR}/installed.cmake)
foreach(example IN ITEMS processing_in_memory disaggregated_serving accelerator_search)
  set(plugin ${BUILT}/${example}/${example}.so)
  ask(0 plugin check ${plugin} --golden ${EXAMPLES}/${example}/golden.jsonl --output json)
  string(JSON golden GET "${output}" checks golden verdict)
  expect("${golden}" "^passed$")
  file(GLOB configs ${EXAMPLES}/${example}/*.json)
  foreach(config IN LISTS configs)
    ask(0 run ${config} --plugin ${plugin})
  endforeach()
endforeach()
# The papers' figures.
set(parts control,vector_units,arrays,register_files,local_buffers,crossbar,global_buffer,interfaces)
ask(0 plot breakdown ${EXAMPLES}/accelerator_search/area.json --parts ${parts} -o area.svg --plugin ${BUILT}/accelerator_search/accelerator_search.so)
ask(0 plot pareto ${EXAMPLES}/accelerator_search/search.json -o front.svg --plugin ${BUILT}/accelerator_search/accelerator_search.so)
ask(0 plot sweep ${EXAMPLES}/disaggregated_serving/parallelism.json -o parallelism.svg
  --plugin ${BUILT}/disaggregated_serving/disaggregated_serving.so)
ask(0 plot sweep ${EXAMPLES}/processing_in_memory/batch.json --y speedup -o batch.svg
  --plugin ${BUILT}/processing_in_memory/processing_in_memory.so)

# Where the area of the GA100 goes: the real die has 826 mm².
ask(0 run ${EXAMPLES}/accelerator_search/area.json --plugin ${BUILT}/accelerator_search/accelerator_search.so)
expect("${output}" "die +826\\.[0-9]+ mm\\^2")
# Table 1 of Leviathan et al. 2023.
ask(0 run ${EXAMPLES}/disaggregated_serving/speculation.json --plugin ${BUILT}/disaggregated_serving/disaggregated_serving.so --output csv)
foreach(row IN ITEMS "0.6,2,1.96" "0.7,3,2.53" "0.8,2,2.44" "0.8,5,3.68" "0.9,2,2.7[01]" "0.9,10,6.86")
  expect("${output}" "\n${row}")
endforeach()
# One sequence is decoded faster in memory, sixteen are not.
ask(0 run ${EXAMPLES}/processing_in_memory/batch.json --plugin ${BUILT}/processing_in_memory/processing_in_memory.so --output csv)
expect("${output}" "\n1,[^\n]*,[1-9][0-9]*\\.[0-9]*,ok")
expect("${output}" "\n16,[^\n]*,0\\.[0-9]*,ok")
