# What `plugin new` wrote: each project's tests pass, its config runs, and its pack of zoo entries travels with it.
include(${CMAKE_CURRENT_LIST_DIR}/installed.cmake)
must_run(${CMAKE_CTEST_COMMAND} --test-dir ${BUILT} --output-on-failure)
expect("${text}" "100% tests passed, 0 tests failed out of 12")
foreach(kind IN ITEMS solver hardware workload study callback guard)
  ask(0 run my_${kind}/my_${kind}.json --plugin ${BUILT}/my_${kind}/my_${kind}.so)
  ask(0 plugin check ${BUILT}/my_${kind}/my_${kind}.so --output json)
  string(JSON verdict GET "${output}" verdict)
  expect("${verdict}" "^conforms$")
endforeach()

# Installed, the pack is read without a flag; so is a pack that has no code.
ask(1 zoo show MyHardware1)
must_run(${CMAKE_COMMAND} --install ${BUILT}/my_hardware)
ask(0 zoo show MyHardware1)
expect("${output}" "Numbers made up")
file(WRITE ${PREFIX}/share/ironlaw/zoo.d/of_a_lab/chips.json
  [[{"sources": {"lab": {"title": "Measured here"}}, "entries": {"LabChip": {"based_on": "H100", "tdp": "500 W", "source": "lab"}}}]])
file(WRITE ${PREFIX}/share/ironlaw/zoo.d/of_a_lab/profiles/lab.json [[{"defaults": {"single_node.efficiency": 0.4}}]])
ask(0 solve single_node --workload ResNet50 --hardware LabChip --profile lab --output json)
string(JSON efficiency GET "${output}" inputs efficiency)
expect("${efficiency}" "^0.4")
file(REMOVE_RECURSE ${PREFIX}/share/ironlaw/zoo.d ${PREFIX}/lib/ironlaw/plugins/my_hardware.so ${PREFIX}/lib/ironlaw/plugins/my_hardware.zoo)
