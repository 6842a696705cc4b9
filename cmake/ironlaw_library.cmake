# Libraries of the framework. Each is a folder with its public headers in ironlaw/<name> and its sources in src, stands over one other
# and sees that one and what it stands over, and no more: the compiler finds no header of a library above or beside it.
#
# ironlaw_add_part(<name> [OVER <library>] SOURCES <file>...)     a part of libironlaw.so
# ironlaw_add_library(<name> OVER <library>... SOURCES <file>...)    a static library, installed with its headers and target
include_guard(GLOBAL)

# Lets a target see the folder of the library that it belongs to, and the libraries under it.
function(ironlaw_place target over)
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>" PRIVATE src)
  set_property(TARGET ${target} PROPERTY IRONLAW_FOLDERS "${CMAKE_CURRENT_SOURCE_DIR};${CMAKE_CURRENT_SOURCE_DIR}/src")
  foreach(under IN LISTS over)
    get_target_property(folders ironlaw_${under} IRONLAW_FOLDERS)
    target_include_directories(${target} PRIVATE ${folders})
    set_property(TARGET ${target} APPEND PROPERTY IRONLAW_FOLDERS ${folders})
  endforeach()
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

function(ironlaw_add_part name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OVER" "SOURCES")
  add_library(ironlaw_${name} OBJECT ${arg_SOURCES})
  ironlaw_place(ironlaw_${name} "${arg_OVER}")
endfunction()

function(ironlaw_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "OVER;SOURCES")
  add_library(ironlaw_${name} STATIC ${arg_SOURCES})
  add_library(ironlaw::${name} ALIAS ironlaw_${name})
  ironlaw_place(ironlaw_${name} "${arg_OVER}")
  foreach(under IN LISTS arg_OVER)
    get_target_property(type ironlaw_${under} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      target_link_libraries(ironlaw_${name} PUBLIC ironlaw_${under})
    else()
      target_link_libraries(ironlaw_${name} PUBLIC ironlaw)
    endif()
  endforeach()
  set_target_properties(ironlaw_${name} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS ironlaw_${name} EXPORT ironlaw-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
  install(DIRECTORY ironlaw DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
endfunction()
