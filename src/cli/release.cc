// `assay release`: the values that machines must have.
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/fleet.h"
#include "crypto/digest.h"
#include "server/service_ledger.h"

namespace assay::cli {
namespace {

using monitor::Release;

std::string Line(const Release& release) {
  return fmt::format("{:<24}  {:<8}  {}\n", release.name, release.retired ? "retired" : "in use",
                     release.successor.empty() ? "-" : release.successor);
}

}  // namespace

Result<int> RunReleaseSet(const Options& options) {
  const Bytes text = TRY(ReadFile(options.file, limits::kReleaseBytes));
  Release release = TRY(monitor::ReleaseFromJson(AsText(text)));
  release.retired = false;
  const OpenFleet open = TRY(OpenFleetOf(options));
  TRY_VOID(open.fleet->releases().Set(release));
  TRY_VOID(RecordLocalAct(
      options.state_dir, "release " + release.name,
      {{"act", "set"}, {"sha256", HexEncode(Sha256(text))}, {"provider", options.provider}},
      TRY(TimeOf(options))));
  fmt::print("{}", options.json ? json::WritePretty(ReleaseJson(release)) + "\n"
                                : fmt::format("release {}: set\n", release.name));
  return 0;
}

Result<int> RunReleaseList(const Options& options) {
  const OpenFleet open = TRY(OpenFleetOf(options));
  json::Array out;
  std::string text = fmt::format("{:<24}  {:<8}  {}\n", "RELEASE", "STATE", "SUCCESSOR");
  for (const Release& one : TRY(open.fleet->releases().List())) {
    out.emplace_back(ReleaseJson(one));
    text += Line(one);
  }
  const json::Value all = json::Object{{"releases", std::move(out)}};
  fmt::print("{}", options.json ? json::WritePretty(all) + "\n" : text);
  return 0;
}

Result<int> RunReleaseShow(const Options& options) {
  const OpenFleet open = TRY(OpenFleetOf(options));
  const auto release = TRY(open.fleet->releases().Find(options.release));
  if (!release) {
    return Fail(ErrorCode::kMissing, fmt::format("release {}: there is none", options.release),
                "assay release list");
  }
  fmt::print("{}\n", json::WritePretty(ReleaseJson(*release)));
  return 0;
}

}  // namespace assay::cli
