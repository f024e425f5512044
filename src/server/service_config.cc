#include "server/service_config.h"

#include "base/encoding.h"
#include "server/key_files.h"
#include "tee/core/roots.h"

namespace assay {
namespace {

json::Value FileDigest(const std::string& path) {
  if (path.empty()) return {};
  const auto text = ReadWholeFile(path);
  return text ? json::Value(HexEncode(Sha256(AsBytes(*text)))) : json::Value("unreadable");
}

// Of the keys that end paths, all of them: another root is another configuration.
std::string RootsDigest(const TrustedRoots& roots) {
  Bytes all;
  for (const auto* const list :
       {&roots.intel, &roots.amd, &roots.tpm, &roots.tpm_vendors, &roots.windows}) {
    for (const Sha256Digest& one : *list) Append(all, one);
    all.resize(all.size() + sizeof(Sha256Digest));  // between two lists
  }
  return HexEncode(Sha256(all));
}

}  // namespace

json::Object ConfigurationOf(const ServeOptions& options, const std::string& issuer,
                             const PolicySet& policies) {
  json::Object out{{"access", FileDigest(options.access_file)},
                   {"allowDebug", options.allow_debug},
                   {"allowMissingCrl", options.allow_missing_crl},
                   {"approveAtOnce", options.approve_at_once},
                   {"issuer", issuer},
                   {"openManagement", options.insecure_open_management},
                   {"policies", policies.Hashes()},
                   {"recoveryOfficers", FileDigest(options.recovery_officers_file)},
                   {"roots", RootsDigest(options.simulated_roots.value_or(DefaultRoots()))},
                   {"simulatedRoots", options.simulated_roots.has_value()},
                   {"trustOnFirstUse", options.trust_on_first_use},
                   {"version", ASSAY_VERSION}};
  if (options.at) out.emplace_back("judgedAsOf", FormatTime(*options.at));
  return out;
}

}  // namespace assay
