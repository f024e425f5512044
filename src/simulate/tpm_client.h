// A machine that speaks Azure's protocol for TPMs (azure-docs, attestation/
// virtualization-based-security-protocol.md), with or without a VBS enclave.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "crypto/signing_key.h"
#include "simulate/simulate.h"

namespace assay::simulate {

enum class TpmProtocol { kVersion1, kVersion2 };

class SimulatedTpmClient {
 public:
  static Result<SimulatedTpmClient> Make();
  // On Windows, with an enclave that vouches for its requests.
  static Result<SimulatedTpmClient> MakeWithEnclave();

  // The JWS that answers {"challenge", "service_context"}. `fault` names the check that shall fail
  // alone, or "jws.signature", "jws.alg" or "request_key.binding"; empty for none.
  Result<std::string> Answer(TpmProtocol version, const json::Value& challenge,
                             std::string_view fault = {}) const;

  // What a verifier needs to trust it; its evidence is empty.
  const Simulation& world() const { return world_; }
  json::Object request_key() const { return jwk_; }

 private:
  SimulatedTpmClient(SigningKey ak, SigningKey request, SigningKey other)
      : ak_(std::move(ak)), request_(std::move(request)), other_(std::move(other)) {}

  struct Quoted;
  Result<Quoted> QuoteFor(View nonce, std::string_view fault) const;
  Result<json::Object> TpmData1(View challenge, std::string_view fault) const;
  Result<json::Object> TpmData2(View challenge, std::string_view fault) const;
  Result<json::Value> OtherKey(View challenge, std::string_view fault) const;
  Result<json::Object> Statement(TpmProtocol version, const json::Value& challenge,
                                 std::string_view fault) const;
  Result<std::string> Sign(TpmProtocol version, const json::Object& payload,
                           std::string_view fault) const;

  SigningKey ak_, request_, other_;  // other_ is the secure kernel's, and a key in the TPM
  json::Object jwk_;
  Simulation world_;
  CertificatePtr certificate_, plain_certificate_;  // the latter does not say what it is for
  Bytes windows_authority_, identity_key_;          // of one with an enclave
};

}  // namespace assay::simulate
