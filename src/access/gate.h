// The one question before anything happens: may this caller do that, at this provider?
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "access/access_file.h"
#include "access/bearer.h"
#include "base/time.h"
#include "net/http_server.h"

namespace assay::access {

enum class Action {
  kPublic,              // keys, metadata, health: what a relying party needs is nobody's secret
  kAttest,              // send evidence
  kRead,                // see policies and certificates
  kWritePolicy,         // set and reset policies
  kManageMachines,      // approve and revoke machines, set what they must be
  kManageCertificates,  // change whose signature a policy needs
  kManageProvider,      // create and delete it
  kReadKeys,            // see public halves and what is said of keys
  kUseKeys,             // have them encrypt, sign, wrap, and the other way round
  kManageKeys,          // make, change, rotate, delete, purge, back up and restore them
  kReleaseKeys,         // ask for their release, which their policy grants
  kUseLedger,           // be known to the ledger, which says what its user may
};

std::string_view Name(Action action);

// Who was let through; for logs and records. Holds no secret.
struct Principal {
  std::string_view how;  // "anonymous", "token", "certificate"
  std::string issuer;    // of the token; empty otherwise
  std::string subject;   // `sub` of the token, common name of the certificate
  Role role = Role::kNone;
  // By which the ledger knows who it is: `oid` of the token, or `sub` where it has none. Empty: its
  // issuer names no users of the ledger.
  std::string ledger_user = {};
};

struct Refusal {
  unsigned status = 403;  // 401: who are you; 403: not you; 503: cannot be judged now
  std::string code;       // as in the API's errors
  std::string message;
  std::string challenge;  // WWW-Authenticate; empty unless 401
};

struct GateOptions {
  bool open_management = false;  // everything is allowed to everybody: for a machine of one's own
  std::function<Time()> clock;   // for tokens
};

// Where keys come from, for making a gate of a file.
struct KeySources {
  std::function<FetchText(const IssuerRule&)> fetch;
  SteadyClock steady_clock;
};

// An error names the file or issuer whose keys cannot be read.
Result<std::vector<TrustedIssuer>> OpenIssuers(const std::vector<IssuerRule>& rules,
                                               const KeySources& sources);
// Over the network, by HttpClient.
KeySources NetworkKeySources();

// Safe for concurrent use. The answer never depends on whether the provider exists.
class Gate {
 public:
  Gate(AccessFile file, std::vector<TrustedIssuer> issuers, GateOptions options);

  tl::expected<Principal, Refusal> Check(std::string_view provider, Action action,
                                         const HttpRequest& request) const;
  // Requests under way end by the rules they began with.
  void Replace(AccessFile file, std::vector<TrustedIssuer> issuers);

 private:
  struct Rules;
  std::shared_ptr<const Rules> rules() const;

  const GateOptions options_;
  mutable std::mutex mutex_;  // guards rules_; held to copy the pointer only
  std::shared_ptr<const Rules> rules_;
};

}  // namespace assay::access
