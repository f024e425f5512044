// The good samples of ../shared/vectors, each with what makes it trusted: collateral, time and,
// where the folder lacks something, what is lent or waived.
#pragma once

#include <filesystem>

#include "adversary/adversary.h"
#include "collateral/load.h"
#include "tee/dcap/endorsements.h"
#include "vectors/samples.h"

namespace assay::adversary {

struct GoodSample {
  std::string name;  // "sgx/automata-00606A000000-2025"
  std::filesystem::path folder;
  json::Value about;
  Bytes evidence;
  // Reduced to what the verdict rests on: a spare copy would hide what is done to the other.
  Collateral collateral;
  CrlDer crl_der;
  Expectations expectations;
  TrustedRoots roots;
  Time at{};
  bool waived = false;  // a revocation list that the folder lacks
};

// SGX, TDX and Open Enclave evidence. Those of which nothing is waived come first, so that what
// they share with others is attacked where it counts: a revocation list broken beyond recognition
// is an absent one.
std::vector<GoodSample> GoodDcapSamples();
std::vector<GoodSample> GoodSnpSamples();

bool Trusts(Appraiser& appraiser, const GoodSample& sample, View evidence,
            const Collateral& collateral);
inline Fate FateOf(bool trusted) { return trusted ? Fate::kTrusted : Fate::kRefused; }

// What verification finds for this sample among its collateral.
dcap::Endorsements EndorsementsOf(const GoodSample& sample, const Collateral& collateral);

}  // namespace assay::adversary
