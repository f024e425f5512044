// `assay measure`: golden values from artefacts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"
#include "measure/expected_event.h"
#include "measure/trusted_launch.h"

namespace CLI {
class App;
}

namespace assay::cli {

struct Options;

struct MeasureOptions {
  std::vector<std::string> banks = {"sha256"};
  // trusted-launch: FILE, or digests "sha256:HEX,authenticode-sha256:HEX"
  std::string shim, grub, kernel, initrd, uki;
  std::string grub_config, grub_preamble;
  std::string grub_device = "hd0";
  std::string vars;                       // a store, or a folder of efivarfs files
  std::string phases;                     // of systemd, into PCR 11
  std::string learn;                      // an event log or evidence to take learned PCRs from
  std::vector<std::uint32_t> learn_pcrs;  // besides 0, 1 and 14
  // the release to write
  std::string release, valid_from, valid_until, successor;
  std::string ima;             // the root whose files it lists
  std::string sigstruct;       // sgx: of a stream
  bool old_separator = false;  // tdx: firmware before EDK II stable202411
  // snp, tdx
  std::string firmware, command_line, cpu_signature;
  std::string vcpu_model = "EPYC-v4";
  unsigned vcpus = 0;
  std::uint64_t guest_features = 1;
};

void AddMeasure(CLI::App& app, Options& options);

// A file that is there is that file; else the text must be digests, separated by commas:
// "sha256:HEX", "authenticode-sha256:HEX". Nothing for no text.
Result<std::optional<measure::Artefact>> ArtefactOf(const std::string& text);
Result<measure::Banks> BanksOf(const MeasureOptions& options);
// What a log, or the log in tpm/1 evidence, leads to, in each bank that it has.
Result<std::map<measure::HashAlgorithm, tcg::PcrValues>> PcrsOfLog(const std::string& file);
// "/opt/app" → SHA-256, for each regular file under that folder.
Result<std::map<std::string, Sha256Digest>> FilesUnder(const std::string& root);
std::string PcrsText(const std::map<measure::HashAlgorithm, tcg::PcrValues>& pcrs);

}  // namespace assay::cli
