// Files and the inputs that commands make of them.
#pragma once

#include <filesystem>

#include "appraise/appraise.h"
#include "cli/options.h"
#include "evidence/collateral.h"

namespace assay::cli {

Result<Bytes> ReadFile(const std::filesystem::path& path, std::size_t max_bytes);
// A compact token, of a file or, for "-", of standard input.
Result<std::string> ReadToken(const std::string& file);
Result<void> WriteFile(const std::filesystem::path& path, View content);

// A folder, a bundle file or any single collateral file; empty for an empty path.
Result<Collateral> LoadCollateral(const std::string& path);
Result<Time> TimeOf(const Options& options);
Result<Expectations> ExpectationsOf(const Options& options);
// The vendors' roots, or those of --trust-root in their place.
Result<TrustedRoots> RootsOf(const Options& options);

}  // namespace assay::cli
