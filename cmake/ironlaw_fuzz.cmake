# ironlaw_add_fuzzer(<name> SOURCES <file>... [INCLUDE <folder>...])
#
# Makes the libFuzzer program fuzzers/<name> and hangs it under the target `fuzzers`. Needs clang and IRONLAW_FUZZ, which also makes
# the host report its coverage.
include_guard(GLOBAL)

if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "IRONLAW_FUZZ needs clang, not ${CMAKE_CXX_COMPILER_ID}: cmake --preset fuzz")
endif()
add_custom_target(fuzzers)

function(ironlaw_add_fuzzer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;INCLUDE")
  add_executable(fuzzer_${name} EXCLUDE_FROM_ALL ${arg_SOURCES})
  target_include_directories(fuzzer_${name} PRIVATE ${arg_INCLUDE})
  target_link_libraries(fuzzer_${name} PRIVATE ironlaw::sdk)
  target_link_options(fuzzer_${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(fuzzer_${name} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzzers")
  add_dependencies(fuzzers fuzzer_${name})
endfunction()
