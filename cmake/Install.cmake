# bin/tocsin, the rule packs, completions, and the package `tocsin` for find_package. Nothing in them knows the build tree.
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY TOCSIN_LIBRARIES)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tocsin)

install(TARGETS tocsin RUNTIME COMPONENT runtime)
install(TARGETS ${libraries} EXPORT tocsin ARCHIVE COMPONENT development FILE_SET HEADERS COMPONENT development)
install(EXPORT tocsin NAMESPACE tocsin:: DESTINATION ${package_dir} FILE tocsin-targets.cmake COMPONENT development)
configure_package_config_file(cmake/tocsin-config.cmake.in ${PROJECT_BINARY_DIR}/tocsin-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tocsin-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tocsin-config.cmake ${PROJECT_BINARY_DIR}/tocsin-config-version.cmake
  DESTINATION ${package_dir} COMPONENT development)

install(DIRECTORY rules/ DESTINATION ${CMAKE_INSTALL_DATADIR}/tocsin/rules COMPONENT runtime)

# The completions are made by the command itself.
set(completions ${PROJECT_BINARY_DIR}/completions)
file(MAKE_DIRECTORY ${completions})
foreach(shell bash zsh fish)
  add_custom_command(OUTPUT ${completions}/tocsin.${shell}
    COMMAND tocsin completion ${shell} > ${completions}/tocsin.${shell}
    DEPENDS tocsin VERBATIM)
endforeach()
add_custom_target(completions ALL
  DEPENDS ${completions}/tocsin.bash ${completions}/tocsin.zsh ${completions}/tocsin.fish)
install(FILES ${completions}/tocsin.bash RENAME tocsin DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT runtime)
install(FILES ${completions}/tocsin.zsh RENAME _tocsin DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT runtime)
install(FILES ${completions}/tocsin.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT runtime)
