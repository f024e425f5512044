// The service's API for machines, as the agent speaks it. Binary members are base64url.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/json.h"
#include "net/client/https_client.h"

namespace assay::agent {

enum class Answer {
  kYes,
  kUnknownMachine,  // enrol first
  kExpired,         // nonce or enrolment: ask for a new one
  kDenied,          // what the service says of this machine, or of the request
  kAway,            // not reached, too busy or broken: the same request may do later
};

// What came of a request. Not having reached the service is an answer, too.
struct Said {
  Answer answer = Answer::kAway;
  unsigned status = 0;  // 0: not reached
  std::string code;     // of an error: "MachineRevoked"
  std::string inner;    // what a vault says beside "Forbidden": "MachineDrifted"
  std::string message;  // of an error
  json::Value body;     // the whole answer; null if it was no JSON
  std::optional<std::chrono::seconds> retry_after;

  bool yes() const { return answer == Answer::kYes; }
  // "403 EvidenceNotTrusted: ..." with the failed checks, for a person.
  std::string Text() const;
};

struct ServiceOptions {
  HttpsUrl url;
  std::string provider;  // empty: the shared one
  std::string bearer;    // a token for services that want one; never logged
  HttpsClientOptions client;
};

class Service {
 public:
  explicit Service(ServiceOptions options) : options_(std::move(options)) {}

  // `action` is what stands behind the provider: "/machines:enroll".
  Said Post(const std::string& action, const json::Value& body) const;
  Said PostText(const std::string& action, std::string body) const;
  // Of the service and no provider: its vault.
  Said PostAtRoot(const std::string& path, const json::Value& body) const;

 private:
  Said Send(std::string target, std::string body) const;

  ServiceOptions options_;
};

// What an HTTP answer means.
Said Understand(const HttpsResponse& response);

}  // namespace assay::agent
