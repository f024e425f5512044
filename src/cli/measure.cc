#include "cli/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/encoding.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "measure/release.h"
#include "measure/trusted_launch.h"

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
using measure::HashAlgorithm;
using BankedPcrs = std::map<HashAlgorithm, tcg::PcrValues>;

constexpr std::string_view kAuthenticode = "authenticode-";

// Those that depend on firmware and virtual hardware, and those that the user named.
std::set<std::uint32_t> LearnedPcrs(const MeasureOptions& options) {
  std::set<std::uint32_t> out = {0, 1, 14};
  out.insert(options.learn_pcrs.begin(), options.learn_pcrs.end());
  return out;
}

// "sha256:HEX" or "authenticode-sha256:HEX"; nothing for what is no digest.
Result<bool> TakeDigest(std::string_view text, measure::Artefact& out) {
  const std::size_t colon = text.find(':');
  std::string_view name = text.substr(0, colon);
  const bool authenticode = name.substr(0, kAuthenticode.size()) == kAuthenticode;
  if (authenticode) name.remove_prefix(kAuthenticode.size());
  const auto bank = tcg::HashAlgorithmNamed(name);
  if (colon == std::string_view::npos || !bank) return false;
  Bytes digest = TRY(HexDecode(text.substr(colon + 1)));
  if (digest.size() != tcg::DigestSize(*bank)) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: expected {} bytes, found {}", text,
                                                         tcg::DigestSize(*bank), digest.size()));
  }
  (authenticode ? out.authenticode : out.digests)[*bank] = std::move(digest);
  return true;
}

Result<measure::UefiVariables> VariablesIn(const std::string& path) {
  if (!fs::is_directory(path)) {
    return measure::UefiVariables::FromStore(TRY(ReadFile(path, limits::kBootImageBytes)));
  }
  measure::UefiVariables out;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const Bytes content = TRY(ReadFile(file, limits::kEvidenceBytes));
    TRY_VOID(out.AddEfivarsFile(file.filename().string(), content));
  }
  return out;
}

Result<std::vector<std::string>> LinesOf(const std::string& file) {
  const Bytes content = TRY(ReadFile(file, limits::kEvidenceBytes));
  std::vector<std::string> out;
  std::string_view rest = AsText(content);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (!line.empty()) out.emplace_back(line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return out;
}

Result<measure::TrustedLaunchBoot> BootOf(const MeasureOptions& options) {
  measure::TrustedLaunchBoot out;
  out.banks = TRY(BanksOf(options));
  out.learned = LearnedPcrs(options);
  out.shim = TRY(ArtefactOf(options.shim));
  out.grub = TRY(ArtefactOf(options.grub));
  out.kernel = TRY(ArtefactOf(options.kernel));
  out.initrd = TRY(ArtefactOf(options.initrd));
  out.uki = TRY(ArtefactOf(options.uki));
  if (!options.grub_config.empty()) {
    out.grub_config = TRY(ReadFile(options.grub_config, limits::kEvidenceBytes));
  }
  if (!options.grub_preamble.empty()) out.grub_preamble = TRY(LinesOf(options.grub_preamble));
  out.grub_device = options.grub_device;
  out.phases = options.phases;
  if (!options.vars.empty()) out.variables = TRY(VariablesIn(options.vars));
  return out;
}

// The predicted values; with --learn also those of the log, in the same banks.
Result<BankedPcrs> ValuesOf(const measure::Prediction& prediction, const measure::Banks& banks,
                            const MeasureOptions& options) {
  BankedPcrs learned;
  if (!options.learn.empty()) learned = TRY(PcrsOfLog(options.learn));
  BankedPcrs out;
  for (const HashAlgorithm bank : banks) {
    out[bank] = TRY(measure::PcrsAfter(prediction.events, bank));
    if (options.learn.empty()) continue;
    for (const std::uint32_t pcr : LearnedPcrs(options)) {
      // A log that does not extend a PCR leaves it at its start value.
      const auto of_bank = learned.find(bank);
      if (of_bank == learned.end()) {
        return Fail(ErrorCode::kMissing,
                    fmt::format("{} has no {} bank", options.learn, tcg::Name(bank)));
      }
      const auto value = of_bank->second.find(pcr);
      out[bank][pcr] = value == of_bank->second.end() ? tcg::StartValue(bank, pcr) : value->second;
    }
  }
  return out;
}

Result<measure::Release> ReleaseOf(const MeasureOptions& options, const BankedPcrs& pcrs) {
  measure::Release out;
  out.name = options.release;
  out.pcrs = pcrs;
  if (options.learn.empty()) {
    const auto learned = LearnedPcrs(options);
    out.learn = {learned.begin(), learned.end()};
  }
  if (!options.ima.empty()) out.ima = TRY(FilesUnder(options.ima));
  if (!options.valid_from.empty()) out.valid_from = TRY(ParseTime(options.valid_from));
  if (!options.valid_until.empty()) out.valid_until = TRY(ParseTime(options.valid_until));
  out.successor = options.successor;
  return out;
}

void PrintJson(const measure::Prediction& prediction, const BankedPcrs& pcrs) {
  json::Array events;
  for (const measure::ExpectedEvent& event : prediction.events) {
    json::Object digests;
    for (const auto& [bank, digest] : event.digests) {
      digests.emplace_back(std::string(tcg::Name(bank)), HexEncode(digest));
    }
    events.emplace_back(
        json::Object{{"pcr", event.pcr}, {"what", event.what}, {"digests", std::move(digests)}});
  }
  json::Object missing;
  for (const auto& [pcr, what] : prediction.not_predicted) {
    missing.emplace_back(std::to_string(pcr), what);
  }
  fmt::print("{}\n", json::WritePretty(json::Object{{"pcrs", measure::PcrsJson(pcrs)},
                                                    {"notPredicted", std::move(missing)},
                                                    {"events", std::move(events)}}));
}

}  // namespace

Result<std::optional<measure::Artefact>> ArtefactOf(const std::string& text) {
  if (text.empty()) return std::nullopt;
  measure::Artefact out;
  std::error_code error;
  std::string_view rest = text;
  while (!fs::exists(text, error) && !rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    if (!TRY(TakeDigest(one, out))) break;
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    if (rest.empty()) return out;
  }
  out.file = TRY(ReadFile(text, limits::kBootImageBytes));
  return out;
}

Result<measure::Banks> BanksOf(const MeasureOptions& options) {
  measure::Banks out;
  for (const std::string& name : options.banks) {
    const auto bank = tcg::HashAlgorithmNamed(name);
    if (!bank) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("--bank {}: expected sha256, sha384, sha512 or sha1", name));
    }
    out.push_back(*bank);
  }
  return out;
}

Result<int> RunMeasureTrustedLaunch(const Options& options) {
  const measure::TrustedLaunchBoot boot = TRY(BootOf(options.measure));
  const measure::Prediction prediction = TRY(measure::Predict(boot));
  const BankedPcrs pcrs = TRY(ValuesOf(prediction, boot.banks, options.measure));
  if (!options.out.empty()) {
    const measure::Release release = TRY(ReleaseOf(options.measure, pcrs));
    TRY_VOID(WriteFile(options.out,
                       AsBytes(json::WritePretty(TRY(measure::ReleaseJson(release))) + "\n")));
  }
  if (options.json) {
    PrintJson(prediction, pcrs);
    return kExitTrusted;
  }
  fmt::print("{}", PcrsText(pcrs));
  for (const auto& [pcr, what] : prediction.not_predicted) {
    fmt::print("PCR {} is not predicted: needs {}\n", pcr, what);
  }
  if (options.measure.learn.empty()) {
    fmt::print("to be learned from a good boot: PCR {}\n", fmt::join(boot.learned, ", "));
  }
  if (!options.out.empty()) {
    fmt::print("release {}: {}\n", options.measure.release, options.out);
  }
  return kExitTrusted;
}

}  // namespace assay::cli
