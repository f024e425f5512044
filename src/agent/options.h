// What the command line of assay-agent asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace assay::agent {

// Exit codes, as in `assay`.
inline constexpr int kExitTrusted = 0;
inline constexpr int kExitRefused = 1;
inline constexpr int kExitNotJudged = 2;

struct Options {
  std::string command;  // "enroll", "attest", "watch", "exec", "collect"
  std::string server, ca_file, provider, token_file;
  std::string kind = "tpm";  // "tpm", "azure", "snp", "tdx"
  std::string name;
  std::string tcti;
  std::string ak_handle, ak_certificate_index, idevid_certificate_index;  // hexadecimal
  std::string event_log, ima_log, tsm_root;
  std::string runtime_data;  // a file, for snp and tdx
  std::string nonce;         // hexadecimal
  std::string out;
  bool token_in_environment = false;
  bool json = false;
  std::vector<std::string> program;
};

// Nothing if there is nothing to run (--help, a mistake): `exit_code` says how to end.
std::optional<Options> ParseOptions(int argc, char** argv, int& exit_code);

}  // namespace assay::agent
