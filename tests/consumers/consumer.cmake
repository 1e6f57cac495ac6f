# The program of a user who asks for many warnings and for no standard, and what the library must not do to it.
add_executable(consumer ${CMAKE_CURRENT_LIST_DIR}/main.cpp)
target_link_libraries(consumer PRIVATE polytask::polytask)
if(NOT MSVC)
  target_compile_options(consumer PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror)
endif()

foreach(property IN ITEMS COMPILE_OPTIONS COMPILE_DEFINITIONS LINK_OPTIONS)
  get_target_property(value polytask::polytask INTERFACE_${property})
  if(value)
    message(FATAL_ERROR "polytask::polytask gives its users ${property}: ${value}")
  endif()
endforeach()

# As a part of another project the library brings its targets, and neither tests nor programs.
function(check_subproject source_folder)
  get_property(targets DIRECTORY ${source_folder} PROPERTY BUILDSYSTEM_TARGETS)
  list(REMOVE_ITEM targets polytask polytask_files polytask_compiled)
  get_property(folders DIRECTORY ${source_folder} PROPERTY SUBDIRECTORIES)
  if(targets OR folders)
    message(FATAL_ERROR "polytask as a subproject adds ${targets} ${folders}")
  endif()
endfunction()
