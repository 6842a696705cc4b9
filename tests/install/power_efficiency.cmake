# examples/power_efficiency: the chain in its README, a refusal, and the plugin where the installation looks by itself.
include(${CMAKE_CURRENT_LIST_DIR}/installed.cmake)
set(example ${EXAMPLES}/power_efficiency)
set(plugin --plugin ${BUILT}/power_efficiency/power_efficiency.so)

# A row is [device, node.latency, node.throughput, power.peak_rate, power.tdp, power.efficiency, status, reason], numbers in SI in
# their shortest text. CMake reckons in whole numbers, so the ones that the zoo determines are compared as text.
function(expect_row device peak_rate tdp efficiency)
  set(above_zero "[0-9.]*[1-9][0-9.]*(e[-+][0-9]+)?")
  expect("${output}" "\n\\[\"${device}\",${above_zero},${above_zero},${peak_rate},${tdp},${efficiency},\"ok\",\"\"\\]")
endfunction()

ask(0 run ${example}/chain.json ${plugin} --output json)
string(JSON count LENGTH "${output}" rows)
expect("${count}" "^4$")
expect_row(H100 "9\\.89e\\+14" 700 "1412857142857\\.142[0-9]*")
expect_row(A100 "3\\.12e\\+14" 400 "7\\.8e\\+11")
expect_row(T4 "6\\.5e\\+13" 70 "928571428571\\.428[0-9]*")
expect_row(JetsonOrinNX "1\\.504e\\+13" 25 "6\\.016e\\+11")

ask(1 run ${example}/no_tdp.json ${plugin})
expect("${errors}" "^ironlaw: [^\n]*TPUv4[^\n]*thermal design power[^\n]*\n$")

# Installed where the package says, the plugin is found without a flag, and only then.
ask(1 run ${example}/chain.json)
expect("${errors}" "power_efficiency")
must_run(${CMAKE_COMMAND} --install ${BUILT}/power_efficiency)
ask(0 solve power_efficiency --hardware H100 --output json)
string(JSON name GET "${output}" provenance plugins 0 name)
string(JSON digest GET "${output}" provenance plugins 0 sha256)
file(SHA256 ${PREFIX}/lib/ironlaw/plugins/${name}.so expected)
expect("${digest}" "^${expected}$")
file(REMOVE ${PREFIX}/lib/ironlaw/plugins/power_efficiency.so)
