# What the project asks of its own targets, and of nobody else's.
function(polytask_own_target target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /permissive- $<$<BOOL:${POLYTASK_WARNINGS_AS_ERRORS}>:/WX>)
    return()
  endif()
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                                           $<$<BOOL:${POLYTASK_WARNINGS_AS_ERRORS}>:-Werror>)
  # g++ clears its memory up only beyond a gigabyte: a seventh of its time, for a quarter more memory.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=1000000>)
  if(POLYTASK_NATIVE)
    # g++ 12 takes values in its own AVX-512 headers for uninitialised.
    target_compile_options(${target} PRIVATE -march=native $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized
                                             -Wno-uninitialized>)
  endif()
endfunction()
