// The real samples of ../shared/vectors and what their about.json expects.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"

namespace assay::samples {

inline std::filesystem::path Root() {
  const char* override_path = std::getenv("ASSAY_VECTORS");
  return override_path != nullptr ? std::filesystem::path(override_path)
                                  : std::filesystem::path(ASSAY_SOURCE_DIR) / "../shared/vectors";
}

inline bool Present() { return std::filesystem::exists(Root() / "index.json"); }

inline Bytes Read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return ToBytes(AsBytes(text));
}

inline json::Value About(const std::filesystem::path& sample) {
  return json::Parse(AsText(Read(sample / "about.json"))).value();
}

// The folders below `tee`, sorted.
inline std::vector<std::filesystem::path> Folders(const std::string& tee) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(Root() / tee)) {
    if (entry.is_directory()) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace assay::samples
