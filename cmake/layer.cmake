# assay_layer(<folder of src/> DEPS <layers or libraries>...)
#
# One static library assay_<folder> of its sources, and one test program <folder>_unit_test of the
# *_test.cc that stand beside them (label: unit). Slashes become underscores. A folder that holds
# other layers contributes only its own files.
function(assay_layer folder)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")

  set(links)
  foreach(dep ${ARG_DEPS})
    if(TARGET assay_${dep})
      list(APPEND links assay_${dep})
    else()
      list(APPEND links ${dep})
    endif()
  endforeach()

  if(sources)
    add_library(assay_${name} STATIC ${sources})
    target_include_directories(assay_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(assay_${name} PUBLIC ${links})
  else()
    add_library(assay_${name} INTERFACE)
    target_include_directories(assay_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(assay_${name} INTERFACE ${links})
  endif()

  if(tests)
    add_executable(${name}_unit_test ${tests})
    target_link_libraries(${name}_unit_test PRIVATE assay_${name} GTest::gtest_main)
    if(ASSAY_UNITY_TESTS)
      set_target_properties(${name}_unit_test PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
    endif()
    add_test(NAME unit.${name} COMMAND ${name}_unit_test)
    # Tests talk to servers of their own on loopback: a proxy of the user's has no part in that.
    set_tests_properties(unit.${name} PROPERTIES LABELS unit ENVIRONMENT "no_proxy=*")
  endif()
endfunction()
