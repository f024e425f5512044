// A provider: one customer's own attestation service within the process. It has its issuer URL, its
// keys, its policies and the certificates that may change them; nothing of it is visible in
// another.
//
// The trust models are those of Azure Attestation (Microsoft.Attestation REST API 2021-06-01,
// AttestationServiceStatus.trustModel; azure-docs, attestation/basic-concepts.md).
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"

namespace assay {

enum class TrustModel {
  kShared,    // the default policies, for everybody; nobody changes them over the network
  kAad,       // whoever the access control admits changes policies, signed or not
  kIsolated,  // and only with a token that a certificate of the provider's list has signed
};

std::string_view Name(TrustModel model);  // "Shared", "AAD", "Isolated"
// "aad" or "isolated", in any case: no second shared provider can be made.
Result<TrustModel> ParseTrustModel(std::string_view text);

// What the provider at the root is called where a name is needed; no other may have it.
inline constexpr std::string_view kSharedProvider = "shared";

struct Provider {
  std::string name;
  std::string id;  // hexadecimal, made up at its creation: a later one of the same name is another
  TrustModel model = TrustModel::kAad;
  Time created{};
  int record_days = 0;          // evidence is kept for so long, to try policies on; 0: none is
  int requests_per_minute = 0;  // of attestation, that are answered; 0: all
};

// Lower-case letters, digits and hyphens, a letter first, no hyphen at the end: as a label of a
// host name (RFC 1035, 2.3.1). So that a name is a segment of a path and a folder without any
// escaping.
bool IsProviderName(std::string_view name);
Result<void> CheckProviderName(std::string_view name);

// A new one with an id of its own.
Result<Provider> NewProvider(std::string_view name, TrustModel model, int record_days, Time now);

json::Object ProviderJson(const Provider& provider);
Result<Provider> ProviderFromJson(std::string_view text);

}  // namespace assay
