// The struct a TEE fills in. Adding a TEE is one folder that defines a Scheme and one line in
// registry.cc.
//
// A scheme is pure: bytes, collateral and a time in; checks and claims out. It never reads the
// clock, the disk or the network.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "evidence/claims.h"
#include "evidence/collateral.h"
#include "evidence/needs.h"
#include "evidence/trace.h"

namespace assay {

class VerifyCache;

// Evidence after parsing: structure is right, nothing is proven yet. Each scheme derives its own.
struct Parsed {
  virtual ~Parsed() = default;
};

// Vendor roots accepted, by SHA-256 of their SubjectPublicKeyInfo. Production uses DefaultRoots()
// (tee/core/roots.h); simulated evidence carries a throw-away root that is never among them.
struct TrustedRoots {
  std::vector<Sha256Digest> intel;
  std::vector<Sha256Digest> amd;
  std::vector<Sha256Digest> tpm;  // authorities for attestation keys of TPMs
  // Makers of TPMs and devices: they vouch for endorsement keys and device identities, and never
  // for an attestation key alone.
  std::vector<Sha256Digest> tpm_vendors;
  // Signers of Windows' boot manager, of nothing else: what they start measures as Windows does.
  std::vector<Sha256Digest> windows;
};

// How far an earlier verdict read a machine's IMA list: the first `entries` led PCR 10 to `value`.
struct KnownImaList {
  std::uint64_t entries = 0;
  std::string bank;  // "sha256"
  Bytes value;
};

// What the caller demands beyond the vendor's own rules.
struct Expectations {
  // A prefix of REPORT_DATA, the rest must be zero; of a TPM, the whole challenge.
  std::optional<Bytes> report_data;
  std::optional<Bytes> event_log;  // CC event log (CCEL) to replay, TDX only
  bool allow_missing_crl = false;  // waives revocation data that is absent, never data that fails
  bool allow_debug = false;
  // TPM: names of attestation keys that were enrolled; if there are any, no other key counts.
  std::vector<Bytes> enrolled_aks;
  bool allow_sha1 = false;             // TPM: a bank or a signature of SHA-1
  bool allow_secure_boot_off = false;  // TPM
  bool allow_unknown_ak = false;       // TPM: an attestation key that nobody vouches for
  // TPM: bit n demands that PCR n is quoted.
  std::uint32_t required_pcrs = 0;
  // TPM: that a key is certified which opens what is sealed for it in this boot only.
  bool sealing_key = false;
  // TPM: that a key which is certified, if there is one, is one that secrets can be wrapped to.
  bool runtime_key = false;
  // TPM: the claims "events" and "pcr_values", which policies query. They are long, so only when
  // asked for.
  bool boot_documents = false;
  // TPM: what an earlier verdict covered, so that evidence need not bring it again.
  std::shared_ptr<const Bytes> known_event_log;
  std::optional<KnownImaList> known_ima;
};

struct VerifyInput {
  const Collateral& collateral;
  const TrustedRoots& roots;
  const Expectations& expectations;
  Time now;
  VerifyCache& cache;
  // What the scheme found in `collateral`, so that its steps need not search again. Of its own
  // type; an input belongs to one appraisal on one thread.
  mutable std::shared_ptr<const void> found = nullptr;
};

// What a relying party should know about the verdict, in plain words.
struct Meaning {
  std::vector<std::string> proves;
  std::vector<std::string> does_not_prove;
};

struct Scheme {
  std::string_view name;   // "sgx"
  std::string_view title;  // "Intel SGX quote"
  // Looks at fixed header fields only; at most one scheme recognises given bytes.
  bool (*recognises)(View evidence);
  Result<std::unique_ptr<Parsed>> (*parse)(View evidence);
  // Appends every check to `trace`; evidence is verified if and only if none failed.
  void (*check)(const Parsed& parsed, const VerifyInput& input, Trace& trace);
  // The decoded fields; meaningful as claims only after a check without failure.
  Claims (*claims)(const Parsed& parsed, const VerifyInput& input);
  // The decoded structure, for `assay inspect`: no judgement.
  json::Value (*describe)(const Parsed& parsed);
  Meaning (*meaning)(const Parsed& parsed, const Trace& trace);
  // What the evidence needs from its vendor. Null for a scheme whose evidence carries everything.
  CollateralNeeds (*needs)(const Parsed& parsed, VerifyCache& cache) = nullptr;
};

// All schemes of this build.
const std::vector<const Scheme*>& AllSchemes();
// The scheme that recognises `evidence`; null if none does.
const Scheme* SchemeFor(View evidence);
const Scheme* SchemeNamed(std::string_view name);

}  // namespace assay
