# The Debian package: the component `runtime` of what is installed. `scripts/package` makes it.
find_program(HELP2MAN help2man)
if(HELP2MAN)
  set(man_pages ${PROJECT_BINARY_DIR}/man)
  add_custom_command(OUTPUT ${man_pages}/tocsin.1
    COMMAND ${PROJECT_SOURCE_DIR}/cmake/package/man-pages $<TARGET_FILE:tocsin> ${man_pages}
    DEPENDS tocsin ${PROJECT_SOURCE_DIR}/cmake/package/man-pages VERBATIM)
  add_custom_target(man_pages ALL DEPENDS ${man_pages}/tocsin.1)
  install(DIRECTORY ${man_pages}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT runtime FILES_MATCHING PATTERN "*.1")
endif()

install(FILES docs/cli.md docs/deploy.md docs/getting-started.md docs/language.md docs/limits.md docs/records.md docs/serve.md
  CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime OPTIONAL)
# Only where the system itself is installed to: a package has both in their places.
if(TOCSIN_SYSTEM_FILES)
  install(FILES cmake/package/tocsin.service DESTINATION /lib/systemd/system COMPONENT runtime)
  install(FILES cmake/package/tocsin.yaml DESTINATION /etc/tocsin COMPONENT runtime)
  install(DIRECTORY DESTINATION /etc/tocsin/rules COMPONENT runtime)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL runtime)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "the tocsin project <tocsin@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "rules engine for event streams")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME tocsin)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS ca-certificates)
file(WRITE ${PROJECT_BINARY_DIR}/package/conffiles "/etc/tocsin/tocsin.yaml\n")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/package/conffiles)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "rules engine for event streams
 Pattern rules (a sequence, an absence, a window) run over event streams in event
 time, recorded or live, and write alerts to files and webhooks.")
include(CPack)
