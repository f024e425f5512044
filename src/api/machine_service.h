// What the resources for machines share: the fleets of all providers, challenges, enrolments, and
// what is kept in memory of machines.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/attest_service.h"
#include "base/lru_map.h"
#include "crypto/signing_key.h"
#include "monitor/challenge.h"
#include "monitor/enrolment.h"
#include "monitor/fleet.h"

namespace assay {

// Signs the certificates of machines, and nothing else: who trusts it trusts each of them.
struct MachineAuthority {
  SigningKey key;
  CertificatePtr certificate;
};

struct MachineServiceOptions {
  monitor::FleetOptions fleet;
  monitor::EnrolmentOptions enrolment;
  std::shared_ptr<const Collateral>
      collateral;  // certificates and CRLs of TPM vendors; may be null
  Clock clock;
  std::optional<MachineAuthority> authority = std::nullopt;  // nothing: no certificates
};

// Safe for concurrent use. The store outlives it.
class MachineService {
 public:
  static Result<std::unique_ptr<MachineService>> Make(store::Store& store,
                                                      MachineServiceOptions options);

  // Of the provider whose service that is.
  monitor::Fleet& FleetOf(const AttestService& service);
  // All that were asked for so far, and the shared one.
  std::vector<monitor::Fleet*> Fleets();

  monitor::Challenges& challenges() { return challenges_; }
  monitor::Enrolment& enrolment() { return *enrolment_; }
  const Collateral& collateral() const { return *options_.collateral; }
  const std::optional<MachineAuthority>& authority() const { return options_.authority; }
  Time now() const { return options_.clock(); }

  // At all providers: those whose attestation key that is (x-assay-ak of tokens).
  Result<std::vector<monitor::Machine>> MachinesOfAk(std::string_view ak_spki);

  // The firmware log of a machine's last good evidence; null if there is none.
  std::shared_ptr<const Bytes> BootLog(monitor::Fleet& fleet, const monitor::Machine& machine);

  // The states of a fleet's machines, at most some seconds old.
  Result<monitor::Survey> SurveyOf(monitor::Fleet& fleet);
  // One round of the monitor: whoever was silent is unreachable.
  Result<void> Inspect(Time up_since);

 private:
  MachineService(store::Store& store, MachineServiceOptions options, monitor::Challenges challenges,
                 std::unique_ptr<monitor::Enrolment> enrolment);
  monitor::Fleet& FleetNamed(const std::string& name);

  struct Known {
    std::unique_ptr<monitor::Fleet> fleet;
    std::optional<monitor::Survey> survey;
    std::uint64_t version = 0;  // of the store, when it was made
    Time surveyed{};
  };

  store::Store& store_;
  const MachineServiceOptions options_;
  monitor::Challenges challenges_;
  const std::unique_ptr<monitor::Enrolment> enrolment_;
  std::mutex mutex_;  // guards what follows; never held while the store is read
  std::map<std::string, Known> fleets_;
  LruMap<std::shared_ptr<const Bytes>> boot_logs_;  // by their SHA-256 in hexadecimal
};

// For whom a challenge is: a machine may be enrolled at several providers, and a challenge of one
// is no other's.
std::string ChallengeSubject(const monitor::Fleet& fleet, std::string_view machine);

}  // namespace assay
