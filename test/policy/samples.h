// Where the published suites and recordings are; tests skip where they are absent.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace assay {

inline std::filesystem::path SharedFolder(const char* variable, const char* name) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::path(ASSAY_SOURCE_DIR) / "../shared" / name;
}

inline std::filesystem::path Suites() { return SharedFolder("ASSAY_SUITES", "suites"); }
inline std::filesystem::path Recordings() {
  return SharedFolder("ASSAY_RECORDINGS", "recordings") / "maa-cpp-recordings";
}

inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace assay

#define ASSAY_SKIP_WITHOUT(path)                                              \
  if (!std::filesystem::exists(path)) {                                       \
    GTEST_SKIP() << "nothing at " << (path) << "; its variable overrides it"; \
  }
