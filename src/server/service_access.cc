#include "server/service_access.h"

#include <algorithm>

#include "base/limits.h"
#include "provider/provider.h"

namespace assay {
namespace {

Result<access::AccessFile> FileOf(const std::string& path) {
  return path.empty() ? access::OpenAttestationOnly() : access::LoadAccessFile(path);
}

// Only issuers asked over the network make a request wait.
std::size_t WaitingFor(const access::AccessFile& file) {
  std::size_t out = 0;
  for (const auto* rules : {&file.issuers, &file.key_release.authorities}) {
    for (const access::IssuerRule& rule : *rules) {
      if (rule.jwks.empty()) out += limits::kWaitingForIssuer;
    }
  }
  return std::min<std::size_t>(out, 4 * limits::kWaitingForIssuer);
}

Result<KeyReleaseRules> ReleaseRulesOf(const access::AccessFile& file,
                                       const access::KeySources& sources) {
  return KeyReleaseRules{TRY(access::OpenIssuers(file.key_release.authorities, sources)),
                         {file.key_release.clock_skew, file.key_release.audiences}};
}

}  // namespace

Result<std::unique_ptr<ServiceAccess>> ServiceAccess::Open(ServiceAccessOptions options,
                                                           access::KeySources sources) {
  access::AccessFile file = TRY(FileOf(options.file));
  std::vector<access::TrustedIssuer> issuers = TRY(access::OpenIssuers(file.issuers, sources));
  KeyReleaseRules release_rules = TRY(ReleaseRulesOf(file, sources));
  return std::unique_ptr<ServiceAccess>(new ServiceAccess(std::move(options), std::move(sources),
                                                          std::move(file), std::move(issuers),
                                                          std::move(release_rules)));
}

ServiceAccess::ServiceAccess(ServiceAccessOptions options, access::KeySources sources,
                             access::AccessFile file, std::vector<access::TrustedIssuer> issuers,
                             KeyReleaseRules release_rules)
    : options_(std::move(options)),
      sources_(std::move(sources)),
      client_ca_(file.client_ca),
      waiting_threads_(WaitingFor(file)),
      open_attestation_(file.AttestModeOf(kSharedProvider) == access::AttestMode::kOpen),
      gate_(std::move(file), std::move(issuers),
            {options_.insecure_open_management, options_.clock}),
      release_rules_(std::move(release_rules)) {}

Gate ServiceAccess::AsGate() const {
  return [this](std::string_view provider, Action action, const HttpRequest& request) {
    return gate_.Check(provider, action, request);
  };
}

std::vector<std::string> ServiceAccess::Summary() const {
  std::vector<std::string> out;
  if (open_attestation_) out.emplace_back("Attestation is open: everybody may send evidence");
  if (options_.file.empty() && !options_.insecure_open_management) {
    out.emplace_back("Management is closed: --access FILE says who may manage");
  }
  if (options_.insecure_open_management) {
    out.emplace_back("warning: management is open: everybody may change policies and certificates");
  }
  return out;
}

Result<void> ServiceAccess::Reload() {
  access::AccessFile file = TRY(FileOf(options_.file));
  if (file.client_ca != client_ca_) {
    return Fail(ErrorCode::kInvalidArgument,
                "access file: clientCertificates.ca names another file than at start",
                "replace the content of the file, or restart the service");
  }
  std::vector<access::TrustedIssuer> issuers = TRY(access::OpenIssuers(file.issuers, sources_));
  release_rules_ = TRY(ReleaseRulesOf(file, sources_));
  gate_.Replace(std::move(file), std::move(issuers));
  if (releases_ != nullptr) releases_->Replace(release_rules_);
  return {};
}

}  // namespace assay
