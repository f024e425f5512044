// The two conversations with the service: to enrol this machine, and to attest it.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "agent/collect.h"
#include "agent/machine_keys.h"
#include "agent/service.h"

namespace assay::agent {

// This machine, as the conversations need it.
struct Machine {
  Tpm& tpm;
  KeyOptions keys;
  LogPaths logs;
  std::string name;    // to display; may be empty
  bool azure = false;  // an Azure confidential VM: evidence with the HCL report
};

// An Error is a fault of this machine (its TPM, its logs); all that the service says is a value.
//
// Enrols the attestation key: by credential activation (TPM 2.0 Part 1, section 24), or, with a
// certificate for it, by quoting the service's nonce.
Result<Said> Enrol(const Machine& machine, const Service& service);

// One challenge and its answer: the token, or why there is none. With a key to certify, the token
// names it as the one that secrets may be wrapped to.
Result<Said> Attest(const Machine& machine, const Service& service,
                    const TpmKey* runtime_key = nullptr);

// One challenge and its answer, whose quote binds a certification request in DER: the certificate,
// or why there is none. `lifetime` is what is asked for; zero leaves it to the service.
Result<Said> Certify(const Machine& machine, const Service& service, View request,
                     std::chrono::seconds lifetime);

// Its id at the service.
Result<std::string> MachineIdOf(const Machine& machine);

// Evidence that answers `nonce`, all of it.
Result<std::string> CollectDocument(const Machine& machine, View nonce);

// What a challenge says.
struct Challenge {
  Bytes nonce;
  AlreadyKnown known;
};
Result<Challenge> ReadChallenge(const json::Value& body);

}  // namespace assay::agent
