// The service side of the API for machines, as far as the agent's tests need it: real credentials,
// single-use nonces and real appraisal, but no policy and no store.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "agent/soft_tpm.h"
#include "agent/tls_files.h"
#include "appraise/appraise.h"
#include "base/json.h"
#include "tpm2/tpm.h"

namespace assay {

class StandIn {
 public:
  explicit StandIn(const std::string& folder);

  std::uint16_t port() const { return port_; }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  const std::string& ca() const { return files_.ca; }

  // Away: nobody listens. Comes back on the same port.
  void Stop();
  void Start();

  // From now on, until changed. All may be called while it serves.
  void Forget();  // every machine
  void ExpireNextNonces(unsigned count);
  void SetNextIn(int seconds);
  void LetWait();                    // for the service's word
  void AskToAttest();                // whoever waits
  void ForgetLogs();                 // that it said it knew
  void WrongCredentials();           // made for another attestation key
  void KnowLogsOfLastAttestation();  // and say so in challenges

  struct Seen {
    unsigned enrolled = 0, attested = 0, denied = 0, waits = 0;
    std::string last_evidence, last_denial, last_name, last_authorization;
    std::size_t ek_certificates = 0, ak_certificates = 0;
  };
  Seen seen() const;

 private:
  struct Enrolment {
    std::string machine;
    Bytes ak_name, secret;
  };

  HttpResponse Handle(const HttpRequest& request);
  HttpResponse Enroll(const json::Value& body);
  HttpResponse Activate(const json::Value& body);
  bool Proves(const Enrolment& enrolment, const json::Value& body);
  HttpResponse Challenge(const std::string& machine);
  HttpResponse Attest(const std::string& machine, const HttpRequest& request);
  HttpResponse Wait(const HttpRequest& request);
  // The evidence with what it leaves out because it is known.
  std::string Completed(const std::string& evidence) const;

  TestTlsFiles files_;
  SoftTpm soft_;  // makes the credentials
  tpm2::Tpm tpm_ = tpm2::Tpm::Over(soft_.transport()).value();
  Appraiser appraiser_{TrustedRoots{}};
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;  // guards all below
  std::map<std::string, Enrolment> enrolments_;
  std::map<std::string, Bytes> machines_;  // AK names
  std::set<std::string> nonces_;
  Seen seen_;
  unsigned expire_ = 0;
  int next_in_ = 1;
  bool wrong_credentials_ = false, forgot_logs_ = false;
  bool let_wait_ = false, asked_ = false;
  Bytes known_ima_, known_event_log_;
  std::uint32_t reset_count_ = 0;

  std::unique_ptr<HttpServer> server_;
};

}  // namespace assay
