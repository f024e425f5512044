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

// Of `exec`: what the program is given besides the token.
struct ExecOptions {
  std::vector<std::string> program;
  bool token_in_environment = false;
  std::vector<std::string> secrets;  // "NAME=KEY", "NAME=KEY,VERSION"
  std::string secret_folder;
  bool secrets_in_environment = false;
};

// Of `unlock`.
struct UnlockOptions {
  std::string device;
  std::string name;      // below /dev/mapper
  std::string enroll;    // a key of the vault that shall open the device
  std::string key_file;  // with enroll: a key that opens it now
  bool test = false;
  bool to_stdout = false;
  bool to_socket = false;  // standard input and output are a connection of systemd-cryptsetup
  std::string crypttab;
};

// Of `cert`.
struct CertOptions {
  std::string certificate_file, key_file;
  std::vector<std::string> dns;
  unsigned lifetime = 0;  // seconds; 0: the service's own
  bool renew = false;
  std::vector<std::string> reload;  // run after each renewal
};

struct Options {
  std::string command;  // "enroll", "attest", "watch", "exec", "collect", "unlock", "cert"
  std::string server, ca_file, provider, token_file;
  std::string vault_ca_file;  // empty: ca_file
  std::string kind = "tpm";   // "tpm", "azure", "snp", "tdx"
  std::string name;
  std::string tcti;
  std::string ak_handle, ak_certificate_index, idevid_certificate_index;  // hexadecimal
  std::string event_log, ima_log, tsm_root;
  std::string runtime_data;  // a file, for snp and tdx
  std::string nonce;         // hexadecimal
  std::string out;
  bool json = false;
  ExecOptions exec;
  UnlockOptions unlock;
  CertOptions cert;
};

// Nothing if there is nothing to run (--help, a mistake): `exit_code` says how to end.
std::optional<Options> ParseOptions(int argc, char** argv, int& exit_code);

}  // namespace assay::agent
