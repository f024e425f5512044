#include "server/state_dir.h"

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr int kAuthorityDays = 3650;
constexpr int kServerDays = 397;  // the longest that browsers accept (CA/B Forum BR §6.3.2)
constexpr int kSignerDays = 3650;

struct Pair {
  SigningKey key;
  CertificatePtr certificate;
};

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(ErrorCode::kIo, "cannot read " + path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Result<void> WriteFile(const std::string& path, const std::string& text) {
  // Renamed into place, so that a crash leaves no half of a certificate.
  const std::string fresh = path + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  if (out) fs::rename(fresh, path, error);
  if (!out || error) return Fail(ErrorCode::kIo, "cannot write " + path);
  return {};
}

Result<SigningKey> OpenKey(const std::string& path, KeyType type) {
  if (fs::exists(path)) return SigningKey::Load(path);
  SigningKey key = TRY(SigningKey::Generate(type));
  TRY_VOID(key.Save(path));
  return key;
}

// The pair NAME.key, NAME.pem; the certificate is made anew when it is missing or has expired.
Result<Pair> OpenPair(const std::string& base, KeyType type, const CertificateRequest& request,
                      const Pair* issuer) {
  SigningKey key = TRY(OpenKey(base + ".key", type));
  const std::string path = base + ".pem";
  if (fs::exists(path)) {
    const auto chain = TRY(CertificatesFromPem(TRY(ReadFile(path))));
    const bool same_issuer = issuer == nullptr || chain.front()->IssuedBy(*issuer->certificate);
    if (chain.front()->ValidAt(request.not_before + std::chrono::hours(1)) && same_issuer) {
      return Pair{key, chain.front()};
    }
  }
  CertificatePtr made =
      TRY(IssueCertificate(key, request, issuer != nullptr ? issuer->key : key,
                           issuer != nullptr ? issuer->certificate.get() : nullptr));
  std::string pem = CertificateToPem(*made);
  if (issuer != nullptr) pem += CertificateToPem(*issuer->certificate);
  TRY_VOID(WriteFile(path, pem));
  return Pair{key, made};
}

Result<void> MakeTls(const std::string& path, const std::string& host, Time start,
                     ServiceState& state) {
  const CertificateRequest authority{"Assay local authority", {},   start,
                                     kAuthorityDays,          true, false};
  const Pair ca = TRY(OpenPair(path + "/ca", KeyType::kP256, authority, nullptr));
  CertificateRequest server{
      "localhost", {"DNS:localhost", "IP:127.0.0.1", "IP:::1"}, start, kServerDays, false, true};
  const bool numeric = host.find_first_not_of("0123456789.:") == std::string::npos;
  if (!host.empty() && host != "localhost")
    server.sans.push_back((numeric ? "IP:" : "DNS:") + host);
  TRY_VOID(OpenPair(path + "/tls", KeyType::kP256, server, &ca).map([](const Pair&) {}));
  state.ca_file = path + "/ca.pem";
  state.tls_cert_file = path + "/tls.pem";
  state.tls_key_file = path + "/tls.key";
  return {};
}

struct SignerFile {
  TokenAlgorithm algorithm;
  KeyType type;
  std::string_view name;
};
// RS256 is what Azure Attestation's tokens have and its clients expect.
constexpr std::array<SignerFile, 2> kSignerFiles = {{
    {TokenAlgorithm::kRs256, KeyType::kRsa2048, "/token"},
    {TokenAlgorithm::kEs256, KeyType::kP256, "/token-es256"},
}};

Result<std::vector<TokenSigner>> OpenSigners(const std::string& path, const std::string& issuer,
                                             TokenAlgorithm algorithm, Time start) {
  // A certificate's common name has at most 64 characters (RFC 5280, ub-common-name).
  const CertificateRequest request{
      issuer.size() <= 64 ? issuer : "Assay token signer", {}, start, kSignerDays, false, false};
  std::vector<TokenSigner> out;
  for (const SignerFile& file : kSignerFiles) {
    const std::string base = path + std::string(file.name);
    const bool signs = file.algorithm == algorithm;
    if (!signs && !fs::exists(base + ".key")) continue;
    const Pair pair = TRY(OpenPair(base, file.type, request, nullptr));
    out.insert(signs ? out.begin() : out.end(), {pair.key, pair.certificate});
  }
  return out;
}

}  // namespace

std::string ProviderStoreFile(const std::string& state_dir) { return state_dir + "/providers.db"; }

std::string EvidenceStoreFile(const std::string& state_dir) { return state_dir + "/evidence.db"; }

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
  out.signers = TRY(OpenSigners(path, issuer, algorithm, start));
  if (make_tls) TRY_VOID(MakeTls(path, host, start, out));
  return out;
}

}  // namespace assay
