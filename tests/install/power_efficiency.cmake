# cmake -DSOURCE= -DBUILT= -DWORK= -DGENERATOR= -DCOMPILER= -DBUILD_TYPE= -P power_efficiency.cmake
cmake_policy(VERSION 3.25)

function(must_run)
  execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "exit status ${status}: ${ARGV}\n${text}")
  endif()
endfunction()

# ask(<exit status> <arguments of ironlaw>...) sets `output` and `errors`.
function(ask expected)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=IRONLAW_PLUGIN_PATH XDG_DATA_HOME=${WORK} ${WORK}/prefix/bin/ironlaw ${ARGN}
    WORKING_DIRECTORY ${WORK} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE status)
  if(NOT status STREQUAL expected)
    message(FATAL_ERROR "ironlaw ${ARGN}: exit status ${status}, expected ${expected}\n${output}${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
  set(errors "${errors}" PARENT_SCOPE)
endfunction()

function(expect text pattern)
  if(NOT text MATCHES "${pattern}")
    message(FATAL_ERROR "expected ${pattern} in:\n${text}")
  endif()
endfunction()

# A row is [device, node.latency, node.throughput, power.peak_rate, power.tdp, power.efficiency, status, reason], numbers in SI in
# their shortest text. CMake reckons in whole numbers, so the ones that the zoo determines are compared as text.
function(expect_row device peak_rate tdp efficiency)
  set(above_zero "[0-9.]*[1-9][0-9.]*(e[-+][0-9]+)?")
  expect("${output}" "\n\\[\"${device}\",${above_zero},${above_zero},${peak_rate},${tdp},${efficiency},\"ok\",\"\"\\]")
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
must_run(${CMAKE_COMMAND} --install ${BUILT} --prefix ${WORK}/prefix)
must_run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=${BUILD_TYPE}
  -DCMAKE_PREFIX_PATH=${WORK}/prefix)
must_run(${CMAKE_COMMAND} --build ${WORK}/build)
set(plugin --plugin ${WORK}/build/power_efficiency.so)

ask(0 run ${SOURCE}/chain.json ${plugin} --output json)
string(JSON count LENGTH "${output}" rows)
expect("${count}" "^4$")
expect_row(H100 "9\\.89e\\+14" 700 "1412857142857\\.142[0-9]*")
expect_row(A100 "3\\.12e\\+14" 400 "7\\.8e\\+11")
expect_row(T4 "6\\.5e\\+13" 70 "928571428571\\.428[0-9]*")
expect_row(JetsonOrinNX "1\\.504e\\+13" 25 "6\\.016e\\+11")

ask(1 run ${SOURCE}/no_tdp.json ${plugin})
expect("${errors}" "^ironlaw: [^\n]*TPUv4[^\n]*thermal design power[^\n]*\n$")

# Installed where the package says, the plugin is found without a flag, and only then.
ask(1 run ${SOURCE}/chain.json)
expect("${errors}" "power_efficiency")
must_run(${CMAKE_COMMAND} --install ${WORK}/build)
ask(0 solve power_efficiency --hardware H100 --output json)
