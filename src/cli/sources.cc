#include "cli/sources.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/files.h"

namespace assay::cli {
namespace {

std::string WithoutSlash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// URLs of hosts appear in verdicts and metrics: no place for a password.
Result<void> CheckUrl(const std::string& url) {
  const bool scheme = url.starts_with("https://") || url.starts_with("http://");
  if (url.empty() || (scheme && url.find_first_of("@?# \t\r\n") == std::string::npos)) return {};
  return Fail(ErrorCode::kInvalidArgument, fmt::format("not the URL of a host: \"{}\"", url),
              "expected https://HOST[:PORT][/PATH], without user, query or fragment");
}

Time SystemNow() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

Result<Hosts> HostsOf(const Options& options) {
  for (const std::string& url : {options.pcs, options.pccs, options.kds}) TRY_VOID(CheckUrl(url));
  Hosts hosts;
  if (!options.pcs.empty()) hosts.intel_url = WithoutSlash(options.pcs);
  if (!options.pccs.empty()) UsePccs(options.pccs, hosts);
  if (!options.kds.empty()) hosts.amd_url = WithoutSlash(options.kds);
  return hosts;
}

FetchOptions FetchOptionsOf(const Options& options) {
  FetchOptions out;
  out.clock = SystemNow;
  out.http.ca_file = options.host_ca;
  if (::isatty(STDERR_FILENO) != 0) {
    out.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  }
  return out;
}

Result<std::unique_ptr<Sources>> Sources::Open(const Options& options,
                                               const std::vector<CertificatePtr>& brought) {
  std::unique_ptr<Sources> out(new Sources(options));
  Collateral loaded = TRY(LoadCollateral(options.collateral));
  loaded.certificates.insert(loaded.certificates.end(), brought.begin(), brought.end());
  auto beside = std::make_shared<const Collateral>(std::move(loaded));
  if (options.store.empty()) {
    out->source_ = std::make_unique<FixedSource>(std::move(beside));
    return out;
  }
  if (options.fetch) out->fetcher_ = std::make_unique<Fetcher>(FetchOptionsOf(options));
  StoreSourceOptions source_options;
  source_options.hosts = TRY(HostsOf(options));
  source_options.roots = TRY(RootsOf(options));
  auto source =
      std::make_unique<StoreSource>(std::move(source_options), out->store_, out->fetcher_.get());
  if (!options.collateral.empty() || !brought.empty()) source->Reload(std::move(beside));
  out->source_ = std::move(source);
  return out;
}

}  // namespace assay::cli
