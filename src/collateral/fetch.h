// Collateral from its publishers: Intel PCS (or a PCCS) API v4 and AMD KDS v1 (AMD 57230 §4).
//
// Staleness rule. Each answer carries its own end: a document's and a CRL's nextUpdate, a
// certificate's notAfter; the earliest counts.
//   - Checked less than `recheck` ago and not past its end: served without asking the host.
//   - Otherwise the host is asked, with the ETag if it gave one. If that fails, the cached answer
//   is
//     still served until its end.
//   - After its end it is refused, unless `grace` allows that much more. Default: none, since a
//   host
//     kept away from us is how an attacker would hide a revocation.
// Nothing here is trusted: signatures are for the schemes to verify.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "collateral/fetch_cache.h"
#include "collateral/load.h"
#include "evidence/collateral.h"
#include "net/http_client.h"

namespace assay {

struct IntelNeed {
  std::string fmspc;  // 12 hexadecimal digits
  std::string ca;     // the PCK certificate's issuer: "processor" or "platform"
  bool tdx = false;
};

struct AmdSpls {
  std::uint8_t boot_loader = 0, tee = 0, snp = 0, microcode = 0;
  std::optional<std::uint8_t> fmc;  // Turin only
};

struct AmdNeed {
  std::string product;  // "Milan", "Genoa", "Turin"
  Bytes chip_id;        // the report's; only its first 8 bytes count on Turin
  AmdSpls spls;
  bool vlek = false;  // the VLEK itself comes with the evidence: KDS gives it to hosts only
};

struct FetchOptions {
  std::string intel_url = "https://api.trustedservices.intel.com";
  // A PCCS serves it as <its URL>/sgx/certification/v4/rootcacrl.
  std::string intel_root_crl_url =
      "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";
  std::string amd_url = "https://kdsintf.amd.com";
  std::filesystem::path cache_dir;  // empty: in memory
  std::chrono::seconds recheck{std::chrono::hours{24}};
  std::chrono::seconds grace{0};
  int attempts = 4;
  std::chrono::milliseconds first_wait{500};  // doubled for each further attempt
  // A Retry-After beyond this ends the attempts: asking sooner would break it, waiting would block.
  std::chrono::milliseconds longest_wait{30000};
  HttpClientOptions http;
  std::function<void(std::chrono::milliseconds)> sleep;  // empty: the thread sleeps
};

// Safe to use from several threads; one URL is never asked twice at the same time.
class Fetcher {
 public:
  explicit Fetcher(FetchOptions options);

  // Adds TCB info, QE identity, PCK CRL, root CRL and their issuer chains.
  Result<void> Fetch(const IntelNeed& need, Time now, Collateral& out, CrlDer* crl_der = nullptr);
  // Adds the VCEK (unless need.vlek), its certificate chain and the CRL.
  Result<void> Fetch(const AmdNeed& need, Time now, Collateral& out, CrlDer* crl_der = nullptr);

  // One URL by the staleness rule.
  Result<void> FetchUrl(const std::string& url, Time now, Collateral& out,
                        CrlDer* crl_der = nullptr);

 private:
  using Answer = Result<CachedAnswer>;

  Answer Get(const std::string& url, Time now);
  Answer Resolve(const std::string& url, Time now);
  Result<HttpClientResponse> Ask(const std::string& url, const std::string& etag) const;

  FetchOptions options_;
  HttpClient http_;
  FetchCache cache_;
  std::mutex mutex_;
  std::map<std::string, std::shared_future<Answer>> flights_;
};

// What is asked for, also for people who must fetch by hand.
Result<std::vector<std::string>> IntelUrls(const FetchOptions& options, const IntelNeed& need);
Result<std::vector<std::string>> AmdUrls(const FetchOptions& options, const AmdNeed& need);

}  // namespace assay
