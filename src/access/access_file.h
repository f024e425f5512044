// The access file: whose tokens are believed, and who may do what at which provider. JSON, with
// the strict reader of base/json: an unknown member, a doubled one or a wrong type is an error.
//
//   {"issuers": [{"issuer": "https://login.microsoftonline.com/TENANT/v2.0",
//                 "audiences": ["https://attest.azure.net"]},
//                {"issuer": "urn:assay:local", "audiences": ["https://localhost:8443"],
//                 "jwks": "assay-state/issuer.jwks.json"}],
//    "providers": {"default": {"attest": "open",
//                              "grants": [{"role": "reader", "issuer": "urn:assay:local",
//                                          "claim": "roles", "value": "reader"}]},
//                  "*": {"attest": "client-certificate"}},
//    "clientCertificates": {"ca": "clients.pem", "subjects": ["node-1"]},
//    "keyRelease": {"authorities": [{"issuer": "https://sharedweu.weu.attest.azure.net"}],
//                   "audiences": [], "clockSkewSeconds": 60, "callers": "role"},
//    "ledger": {"issuer": "https://login.microsoftonline.com/TENANT/v2.0"}}
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"

namespace assay::access {

// Of attestation, each includes what stands before it: reader and contributor are what Azure's
// roles "Attestation Reader" and "Attestation Contributor" may do. None of them has a part in keys,
// nor the other way round: those are like "Key Vault Reader", "Key Vault Crypto User", "Key Vault
// Crypto Officer" and "Key Vault Crypto Service Release User".
// Those of the ledger are like what Azure Confidential Ledger calls Reader, Contributor and
// Administrator; each includes what stands before it.
enum class Role {
  kNone,
  kReader,
  kContributor,
  kAdmin,
  kKeyReader,
  kCryptoUser,
  kCryptoOfficer,
  kCryptoReleaseUser,
  kLedgerReader,
  kLedgerContributor,
  kLedgerAdministrator,
};

std::string_view Name(Role role);  // "reader"
Result<Role> RoleOf(std::string_view name);

// How evidence may be sent to a provider. What is not stated is denied.
enum class AttestMode { kDenied, kOpen, kAuthenticated, kClientCertificate };

struct IssuerRule {
  std::string issuer;                  // `iss`, exactly
  std::vector<std::string> audiences;  // one of them has to be in `aud`; of authorities: none
  std::string jwks;                    // a file with its keys; empty: found by discovery
  std::string discovery;               // URL; empty: issuer + "/.well-known/openid-configuration"
  std::string ca_file;                 // PEM to trust for fetching; empty: the system's
};

// Whoever has `claim` of `issuer` with `value` (equal to it, or a list that holds it) has the role.
struct Grant {
  Role role = Role::kNone;
  std::string issuer, claim, value;
};

struct ProviderRule {
  bool states_attest = false;
  AttestMode attest = AttestMode::kDenied;
  std::vector<Grant> grants;
};

// Whose attestation tokens may release keys, besides those of the service's own providers.
struct KeyReleaseRule {
  std::vector<IssuerRule> authorities;
  std::vector<std::string> audiences;  // one of them has to be in `aud`; empty: none has to
  std::chrono::seconds clock_skew = limits::kClockSkew;
  // Whether anybody may ask, who has the tokens that the key's policy demands; else it takes the
  // role crypto-release-user, too.
  bool open_to_callers = false;
};

struct AccessFile {
  std::vector<IssuerRule> issuers;
  std::map<std::string, ProviderRule, std::less<>> providers;  // "*": for all
  std::string client_ca;                                       // PEM file; empty: none
  std::vector<std::string> client_subjects;                    // common names
  KeyReleaseRule key_release;
  // Whose tokens name users of the ledger. One issuer's, as another's could give anybody the same
  // name; empty: nobody's.
  std::string ledger_issuer;

  AttestMode AttestModeOf(std::string_view provider) const;
  bool AsksForClientCertificates() const { return !client_ca.empty(); }
};

// Relative paths in it start from `folder`.
Result<AccessFile> ParseAccessFile(std::string_view text, const std::string& folder);
Result<AccessFile> LoadAccessFile(const std::string& path);

// Without a file: anybody may send evidence, nobody may do anything else.
AccessFile OpenAttestationOnly();

}  // namespace assay::access
