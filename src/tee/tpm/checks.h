// The checks of a TPM's evidence, in three parts: whose key it is, what it quoted, and whether the
// logs lead to it. Each is one entry of the trace.
#pragma once

#include "tee/core/scheme.h"
#include "tee/tpm/evidence.h"

namespace assay::tpm {

// Of the attestation key alone: it signs nothing but what its TPM made.
void CheckKeyAttributes(const PublicFields& ak, Trace& trace);

// The attestation key: made by a TPM, for nothing but what the TPM itself says, and known, either
// by its certificate or because it was enrolled.
void CheckAttestationKey(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace);

// Keys that the attestation key certified: the certification names them and answers the challenge;
// where a sealing key is demanded, there is one, and it opens nothing after another boot; where a
// runtime key may come, it is a single one that only this TPM can decrypt with.
void CheckCertifiedKeys(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace);

// Whether somebody known vouches for the attestation key, whatever is waived.
bool IsVouchedFor(const TpmEvidence& evidence, const VerifyInput& input);

// Every quote is signed by that key, answers the challenge, and covers the PCR values given.
void CheckQuotes(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace);

// The logs replay to the quoted PCRs, their data belongs to their digests, Secure Boot was on.
void CheckLogs(const TpmEvidence& evidence, const VerifyInput& input, Trace& trace);

// Where the evidence's IMA list begins: the value of PCR 10 before its first entry. Nothing if it
// leaves out entries that no earlier verdict covered.
std::optional<Bytes> ImaStart(const TpmEvidence& evidence, const Expectations& expectations,
                              tcg::HashAlgorithm bank);

// Whether the attestation key signed `message`.
bool VerifyTpmSignature(const PublicKey& key, const Signature& signature, View message);

Claims MakeClaims(const TpmEvidence& evidence, const VerifyInput& input);
json::Value Describe(const TpmEvidence& evidence);
Meaning Explain(const TpmEvidence& evidence, const Trace& trace);

}  // namespace assay::tpm
