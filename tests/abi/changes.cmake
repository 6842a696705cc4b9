# cmake -DSOURCE=<framework/api> -DWORK= ... -P changes.cmake: the check sees a change that keeps every size, and one that does not.
cmake_policy(VERSION 3.25)
function(expect_refused name file from to pattern)
  file(REMOVE_RECURSE ${WORK}/${name})
  file(COPY ${API}/ironlaw DESTINATION ${WORK}/${name})
  file(READ ${WORK}/${name}/ironlaw/${file} text)
  string(REPLACE "${from}" "${to}" changed "${text}")
  if(changed STREQUAL text)
    message(FATAL_ERROR "${name}: nothing to change in ${file}")
  endif()
  file(WRITE ${WORK}/${name}/ironlaw/${file} "${changed}")
  execute_process(COMMAND ${CMAKE_COMMAND} -DMODE=check -DCOMPILER=${COMPILER} -DAPI=${WORK}/${name} -DBOOST=${BOOST} -DBASELINE=${BASELINE}
    -DWORK=${WORK}/${name}/work -DABIDW=${ABIDW} -DABIDIFF=${ABIDIFF} -P ${CMAKE_CURRENT_LIST_DIR}/check.cmake
    OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE status)
  string(REGEX REPLACE "[ \n]+" " " text "${text}")
  if(status EQUAL 0 OR NOT text MATCHES "${pattern}")
    message(FATAL_ERROR "${name}: exit status ${status}\n${text}")
  endif()
endfunction()

expect_refused(grown row.hpp "ErrorSink* errors = nullptr;" "ErrorSink* errors = nullptr; int more = 0;" "the interface changed and its revision did not")
if(ABIDW)
  expect_refused(reordered solver.hpp
    "  virtual std::span<const PortInfo> do_inputs() const noexcept = 0;\n  virtual std::span<const PortInfo> do_outputs() const noexcept = 0;"
    "  virtual std::span<const PortInfo> do_outputs() const noexcept = 0;\n  virtual std::span<const PortInfo> do_inputs() const noexcept = 0;"
    "the interface changed and its revision did not")
endif()
expect_refused(raised fingerprint.hpp "#define IRONLAW_INTERFACE_REVISION " "#define IRONLAW_INTERFACE_REVISION 9" "the baseline is of the old one")
