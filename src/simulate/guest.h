// A virtual machine of Azure that asks for a token as Azure's client library does: Trusted Launch,
// or confidential on SEV-SNP or TDX.
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
  static Result<SimulatedGuest> Tdx();

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
  enum class Processor { kSnp, kTdx };
  static Result<SimulatedGuest> Make();
  static Result<SimulatedGuest> Confidential(Processor processor);
  json::Object Isolation(std::string_view fault) const;

  SigningKey ak_, sealing_, rogue_;
  Simulation world_;
  CertificatePtr ak_certificate_;          // of Trusted Launch
  Processor processor_ = Processor::kSnp;  // of the others
  Bytes report_;                           // SNP's report, or TDX's quote
  std::string runtime_data_;
};

}  // namespace assay::simulate
