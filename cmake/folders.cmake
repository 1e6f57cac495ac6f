# The folders of include/polytask in their order: a header includes only its own folder and folders above it.
set(polytask_folders
    core layers metrics losses data features sharing regularization optimizers weighting aggregation models training
    insight linear files report)

# These bring dependencies or compile time that not every program wants: polytask.hpp leaves them out.
set(polytask_folders_apart insight linear files report)

# All headers of the folders given, in that order and by name within a folder, as "folder/name.hpp".
function(polytask_headers result include_folder)
  set(headers)
  foreach(folder IN LISTS ARGN)
    file(GLOB found RELATIVE ${include_folder}/polytask ${include_folder}/polytask/${folder}/*.hpp)
    list(SORT found)
    list(APPEND headers ${found})
  endforeach()
  set(${result} ${headers} PARENT_SCOPE)
endfunction()
