// A virtual machine of Azure that asks for a token as Azure's client library does: Trusted Launch,
// or confidential on SEV-SNP.
#pragma once

#include <string>
#include <string_view>

#include "crypto/signing_key.h"
#include "simulate/simulate.h"

namespace assay::simulate {

class SimulatedGuest {
 public:
  static Result<SimulatedGuest> TrustedLaunch();
  static Result<SimulatedGuest> SevSnp();

  // The body of POST /attest/AzureGuest. `fault` names the check that shall fail alone;
  // empty for none.
  Result<std::string> Request(std::string_view fault = {}) const;

  // What a verifier needs to trust it; its evidence is empty.
  const Simulation& world() const { return world_; }
  // The private half of what the answer is sealed to: only the virtual TPM has it.
  const SigningKey& sealing_key() const { return sealing_; }

 private:
  SimulatedGuest(SigningKey ak, SigningKey sealing, SigningKey rogue)
      : ak_(std::move(ak)), sealing_(std::move(sealing)), rogue_(std::move(rogue)) {}
  static Result<SimulatedGuest> Make();

  SigningKey ak_, sealing_, rogue_;
  Simulation world_;
  CertificatePtr ak_certificate_;  // of Trusted Launch
  Bytes snp_report_;               // of the other
  std::string runtime_data_;
};

}  // namespace assay::simulate
