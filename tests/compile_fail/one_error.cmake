# cmake -DCASE= -DCOMPILER= -DFLAGS=<list> -DSOURCE= -P one_error.cmake: the case gives exactly one line with "error:".
execute_process(COMMAND ${COMPILER} ${FLAGS} -D${CASE} ${SOURCE} RESULT_VARIABLE status ERROR_VARIABLE text OUTPUT_QUIET)
string(REGEX MATCHALL "[^\n]*error: [^\n]*" errors "${text}")
list(LENGTH errors count)
if(status EQUAL 0 OR NOT count EQUAL 1)
  message(FATAL_ERROR "exit status ${status}, ${count} errors:\n${text}")
endif()
