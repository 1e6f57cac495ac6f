# Installs the headers and the package polytask, with its optional component files.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_DATADIR}/cmake/polytask)
target_include_directories(polytask INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/polytask DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN *.hpp)
install(TARGETS polytask EXPORT polytask)
install(EXPORT polytask NAMESPACE polytask:: FILE polytaskTargets.cmake DESTINATION ${package_folder})

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/polytaskConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/polytaskConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/polytaskConfigVersion.cmake
                                 COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/polytask)
install(FILES ${PROJECT_BINARY_DIR}/polytaskConfig.cmake ${PROJECT_BINARY_DIR}/polytaskConfigVersion.cmake
        DESTINATION ${package_folder})
