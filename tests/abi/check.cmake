# cmake -DMODE=check|store -DCOMPILER= -DAPI=<framework/api> -DBOOST=<folder> -DBASELINE=<folder> -DWORK=<folder> [-DABIDW= -DABIDIFF=] -P check.cmake
#
# Holds the headers of the contract against the stored baseline. A changed layout or a changed virtual function needs another
# interface revision (framework/api/ironlaw/fingerprint.hpp) and, with it, another baseline.
cmake_policy(VERSION 3.25)
file(MAKE_DIRECTORY ${WORK})
if(NOT BOOST STREQUAL "/usr/include")
  set(boost -isystem ${BOOST})
endif()
set(flags -std=c++20 -I${API} ${boost})

function(must_run)
  execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE text ERROR_VARIABLE errors RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "exit status ${status}: ${ARGV}\n${text}${errors}")
  endif()
  set(text "${text}" PARENT_SCOPE)
endfunction()

must_run(${COMPILER} ${flags} ${CMAKE_CURRENT_LIST_DIR}/fingerprint.cpp -c -o ${WORK}/fingerprint.o)
must_run(${COMPILER} ${WORK}/fingerprint.o -o ${WORK}/fingerprint)
must_run(${WORK}/fingerprint)
string(STRIP "${text}" fingerprint)
string(REGEX MATCH "sdk=[^;]*;interface=[0-9]+" revision "${fingerprint}")

if(ABIDW)
  # Else a class whose virtual functions are defined in the host is a name and no more.
  must_run(${COMPILER} ${flags} -g -O0 -femit-class-debug-always -fPIC -shared -Wl,-z,undefs ${CMAKE_CURRENT_LIST_DIR}/surface.cpp -o ${WORK}/libsurface.so)
  must_run(${ABIDW} --no-corpus-path --no-comp-dir-path --no-show-locs --type-id-style hash --drop-private-types
    --headers-dir ${API} ${WORK}/libsurface.so --out-file ${WORK}/surface.abi)
  file(READ ${WORK}/surface.abi surface)
  string(REGEX REPLACE " path='[^']*'" "" surface "${surface}")  # of this machine
  file(WRITE ${WORK}/surface.abi "${surface}")
endif()

if(MODE STREQUAL "store")
  file(WRITE ${BASELINE}/fingerprint.txt "${fingerprint}\n")
  if(ABIDW)
    file(COPY_FILE ${WORK}/surface.abi ${BASELINE}/surface.abi)
  endif()
  message("stored ${fingerprint}")
  return()
endif()

file(READ ${BASELINE}/fingerprint.txt stored)
string(STRIP "${stored}" stored)
string(REGEX MATCH "sdk=[^;]*;interface=[0-9]+" stored_revision "${stored}")
set(changes "")
if(NOT fingerprint STREQUAL stored)
  string(APPEND changes "fingerprint was ${stored}\n        and is  ${fingerprint}\n")
endif()
if(ABIDW)
  execute_process(COMMAND ${ABIDIFF} --no-show-locs --no-added-syms ${BASELINE}/surface.abi ${WORK}/surface.abi OUTPUT_VARIABLE difference
    ERROR_VARIABLE errors RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    string(APPEND changes "${difference}${errors}")
  endif()
endif()
if(changes AND revision STREQUAL stored_revision)
  message(FATAL_ERROR "the interface changed and its revision did not: raise IRONLAW_INTERFACE_REVISION in ironlaw/fingerprint.hpp, "
    "then cmake --build <build> --target ironlaw_abi_baseline\n${changes}")
endif()
if(changes)
  message(FATAL_ERROR "the interface has a new revision and the baseline is of the old one: "
    "cmake --build <build> --target ironlaw_abi_baseline\n${changes}")
endif()
message("as stored: ${fingerprint}")
