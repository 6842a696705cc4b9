# ironlaw_add_plugin(<name> SOURCES <file>... [LINK <target>...] [ZOO <folder>])
#   Makes <name>.so, a plugin that exports its manifest and its entry function and nothing else. ZOO: its own zoo entries and
#   profiles, which the host reads from <name>.zoo beside <name>.so.
# ironlaw_install_plugin(<name>)
#   Installs it, with its zoo entries, where the host that find_package(ironlaw) found looks by itself.
# ironlaw_install_pack(<name> <folder>)
#   Installs a folder of zoo entries and profiles that needs no code.
include_guard(GLOBAL)

set(IRONLAW_PLUGIN_MAP "${CMAKE_CURRENT_LIST_DIR}/ironlaw_plugin.map" CACHE INTERNAL "version script of plugins")

# Start-up code of these flags switches the whole process to flush-to-zero, and they let NaN through every check.
function(ironlaw_refuse_fast_math plugin)
  get_cmake_property(variables VARIABLES)
  list(FILTER variables INCLUDE REGEX "^CMAKE_CXX_FLAGS(_[A-Z]+)?$")
  foreach(variable IN LISTS variables)
    if("${${variable}}" MATCHES "-ffast-math|-Ofast")
      message(FATAL_ERROR "ironlaw_add_plugin(${plugin}): ${variable} holds ${CMAKE_MATCH_0}, which changes the arithmetic of the whole process: use -O3")
    endif()
  endforeach()
endfunction()

# Whether the flags that this directory compiles with ask for a sanitizer.
function(ironlaw_find_sanitizer result)
  get_directory_property(compile_options COMPILE_OPTIONS)
  get_directory_property(link_options LINK_OPTIONS)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
  set(flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}} ${compile_options} ${link_options}")
  if(flags MATCHES "-fsanitize=")
    set(${result} TRUE PARENT_SCOPE)
  else()
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

function(ironlaw_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ZOO" "SOURCES;LINK")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ironlaw_add_plugin(${name}): '${arg_UNPARSED_ARGUMENTS}' is none of SOURCES, LINK and ZOO")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "ironlaw_add_plugin(${name}): SOURCES is empty")
  endif()
  ironlaw_refuse_fast_math(${name})

  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ironlaw::sdk ${arg_LINK})
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES
    PREFIX "" CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS "${IRONLAW_PLUGIN_MAP}")
  # Unique symbols would be shared between plugins in spite of their hidden visibility.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  # Compilers fuse products and sums where the processor can, which gives other last digits on other machines. The manifest says so.
  target_compile_options(${name} PRIVATE -ffp-contract=off)
  target_compile_definitions(${name} PRIVATE IRONLAW_PLUGIN_UNFUSED)
  target_link_options(${name} PRIVATE
    "LINKER:--version-script=${IRONLAW_PLUGIN_MAP}" LINKER:-z,now LINKER:-z,relro LINKER:--exclude-libs,ALL)
  # The run-time library of a sanitizer is in the program alone, so its symbols stay undefined here.
  ironlaw_find_sanitizer(sanitized)
  if(NOT sanitized)
    target_link_options(${name} PRIVATE LINKER:-z,defs)
  endif()
  if(arg_ZOO)
    get_filename_component(pack "${arg_ZOO}" ABSOLUTE)
    if(NOT IS_DIRECTORY "${pack}")
      message(FATAL_ERROR "ironlaw_add_plugin(${name}): ZOO names no folder: ${pack}")
    endif()
    set_target_properties(${name} PROPERTIES IRONLAW_PACK "${pack}")
    add_custom_command(TARGET ${name} POST_BUILD
      COMMAND ${CMAKE_COMMAND} -E create_symlink "${pack}" "$<TARGET_FILE_DIR:${name}>/${name}.zoo" VERBATIM)
  endif()
endfunction()

function(ironlaw_install_plugin name)
  install(TARGETS ${name} LIBRARY DESTINATION "${ironlaw_PLUGIN_DIR}")
  get_target_property(pack ${name} IRONLAW_PACK)
  if(pack)
    install(DIRECTORY "${pack}/" DESTINATION "${ironlaw_PLUGIN_DIR}/${name}.zoo")
  endif()
endfunction()

function(ironlaw_install_pack name folder)
  get_filename_component(pack "${folder}" ABSOLUTE)
  if(NOT IS_DIRECTORY "${pack}")
    message(FATAL_ERROR "ironlaw_install_pack(${name}): no folder: ${pack}")
  endif()
  install(DIRECTORY "${pack}/" DESTINATION "${ironlaw_PACK_DIR}/${name}")
endfunction()
