#include "server/state_dir.h"

#include <sys/stat.h>

#include <filesystem>

#include "server/key_files.h"
#include "server/token_keys.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr int kAuthorityDays = 3650;
constexpr int kServerDays = 397;  // the longest that browsers accept (CA/B Forum BR §6.3.2)

}  // namespace

Result<TlsFiles> OpenTlsFiles(const std::string& path, const std::string& host, Time now) {
  const Time start = now - std::chrono::hours(1);  // clients' clocks may be behind
  const KeyPair ca = TRY(OpenLocalAuthority(path, start));
  CertificateRequest server{
      "localhost", {"DNS:localhost", "IP:127.0.0.1", "IP:::1"}, start, kServerDays, false, true};
  const bool numeric = host.find_first_not_of("0123456789.:") == std::string::npos;
  if (!host.empty() && host != "localhost")
    server.sans.push_back((numeric ? "IP:" : "DNS:") + host);
  TRY_VOID(OpenKeyPair(path + "/tls", KeyType::kP256, server, &ca).map([](const KeyPair&) {}));
  return TlsFiles{path + "/ca.pem", path + "/tls.pem", path + "/tls.key"};
}

Result<KeyPair> OpenLocalAuthority(const std::string& path, Time start) {
  const CertificateRequest authority{"Assay local authority", {},   start,
                                     kAuthorityDays,          true, false};
  return OpenKeyPair(path + "/ca", KeyType::kP256, authority, nullptr);
}

Result<KeyPair> OpenMachineAuthority(const std::string& path, Time start) {
  const CertificateRequest authority{
      "Assay machine authority", {}, start, kAuthorityDays, true, false};
  return OpenKeyPair(path + "/machine-ca", KeyType::kP256, authority, nullptr);
}

std::string ProviderStoreFile(const std::string& state_dir) { return state_dir + "/providers.db"; }

std::string EvidenceStoreFile(const std::string& state_dir) { return state_dir + "/evidence.db"; }

std::string MachineStoreFile(const std::string& state_dir) { return state_dir + "/machines.db"; }

std::string KeyStoreFile(const std::string& state_dir) { return state_dir + "/keys.db"; }

std::string LedgerStoreFile(const std::string& state_dir) { return state_dir + "/ledger.db"; }

std::string ProviderFolder(const std::string& state_dir, const Provider& provider) {
  return state_dir + "/providers/" + provider.name + "." + provider.id;
}

Result<void> MakeStateDir(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || chmod(path.c_str(), 0700) != 0) {
    return Fail(ErrorCode::kIo, "cannot make the state folder " + path,
                "expected a folder this user may write to");
  }
  return {};
}

Result<ServiceState> OpenStateDir(const std::string& path, const std::string& issuer,
                                  const std::string& host, bool make_tls, TokenAlgorithm algorithm,
                                  Time now) {
  TRY_VOID(MakeStateDir(path));
  const Time start = now - std::chrono::hours(1);  // clients' clocks may be behind
  ServiceState out;
  out.keys = TRY(OpenTokenKeys(path, issuer, algorithm, start));
  out.signers = out.keys->PublishedAt(now);
  if (make_tls) {
    TlsFiles tls = TRY(OpenTlsFiles(path, host, now));
    out.ca_file = std::move(tls.ca_file);
    out.tls_cert_file = std::move(tls.cert_file);
    out.tls_key_file = std::move(tls.key_file);
  }
  return out;
}

}  // namespace assay
