// What a key release has to know of the world: how the machine of a token stands with the monitor,
// and which nonces were spent.
//
//   release-nonce/ID          when it may be forgotten, in decimal seconds
//   release-nonce-end/TIME/ID the same, in the order of time
//
// ID is the SHA-256 of key and nonce in hexadecimal, TIME has 20 digits.
#pragma once

#include <string>

#include "api/machine_service.h"
#include "api/release_authorities.h"
#include "release/release.h"
#include "store/store.h"

namespace assay {

// Safe for concurrent use, also by other processes at the same store.
class ReleaseWitness final : public release::Witness {
 public:
  // All outlive it; `machines` may be null: then no machine is watched.
  ReleaseWitness(const ReleaseAuthorities& authorities, MachineService* machines,
                 store::Store& nonces, Clock clock)
      : authorities_(authorities), machines_(machines), nonces_(nonces), clock_(std::move(clock)) {}

  // Of a token of an own provider that names a machine (x-assay-machine), as those have that a
  // watched machine gets; or an attestation key (x-assay-ak), as all have whose evidence a TPM
  // quoted. A machine that drifted or was revoked at any provider is that here, too.
  Result<release::MachineStanding> StandingOf(const std::string& issuer,
                                              const json::Value& claims) override;
  Result<bool> SpendNonce(const std::string& kid, const std::string& nonce, Time until) override;

 private:
  Result<release::MachineStanding> StandingOfNamed(const AttestService& own,
                                                   const json::Value& claims);
  Result<release::MachineStanding> StandingOfKey(const json::Value& claims);

  const ReleaseAuthorities& authorities_;
  MachineService* const machines_;
  store::Store& nonces_;
  const Clock clock_;
};

}  // namespace assay
