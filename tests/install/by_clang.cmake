# A plugin built by clang loads in a host built by g++ and gives the same numbers, to the last digit.
include(${CMAKE_CURRENT_LIST_DIR}/installed.cmake)
must_run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/by_clang -B ${WORK}/by_clang -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CLANG}
  -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_PREFIX_PATH=${PREFIX} -DSOURCE=${SOURCE})
must_run(${CMAKE_COMMAND} --build ${WORK}/by_clang)
set(question solve single_node --workload ResNet50,Llama3_8B --hardware H100,A100,T4 --batch-size 1,7,64)
ask(0 ${question} --output csv)
set(expected "${output}")
ask(0 ${question} --plugin ${WORK}/by_clang/roofline.so --output csv)
if(NOT output STREQUAL expected)
  message(FATAL_ERROR "by g++:\n${expected}\nby clang:\n${output}")
endif()
ask(0 ${question} --plugin ${WORK}/by_clang/roofline.so --output json)
expect("${output}" "by_clang/roofline.so")
