# cmake -DSOURCE= -DWORK= -DBUILD_TREE= -DGENERATOR= -DCOMPILER= -DBUILD_TYPE= -P build.cmake
# Installs the package into a folder of its own, then builds the examples and the projects of `plugin new` against it.
include(${CMAKE_CURRENT_LIST_DIR}/installed.cmake)
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
must_run(${CMAKE_COMMAND} --install ${BUILD_TREE} --prefix ${WORK}/moved)
file(RENAME ${WORK}/moved ${PREFIX})  # a tree that was moved works as well
foreach(kind IN ITEMS solver hardware workload study callback guard importer)
  ask(0 plugin new my_${kind} --kind ${kind})
  expect("${output}" "^wrote my_${kind}: ")
endforeach()
ask(1 plugin new my_solver)
expect("${errors}" "^ironlaw: my_solver: exists already[^\n]*\n$")
must_run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/everything -B ${BUILT} -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER}
  -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_PREFIX_PATH=${PREFIX} -DEXAMPLES=${EXAMPLES} -DPROJECTS=${WORK}
  -DPRESENTS=${CMAKE_CURRENT_LIST_DIR}/presents "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic")
must_run(${CMAKE_COMMAND} --build ${BUILT})
expect("${text}" "Linking CXX executable embed/embed")
if(text MATCHES "warning:")
  message(FATAL_ERROR "${text}")
endif()
