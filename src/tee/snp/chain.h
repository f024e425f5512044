// The path from a leaf certificate to AMD's root, found among certificates that nobody vouches for.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "tee/core/scheme.h"
#include "tee/snp/report.h"
#include "tee/snp/vcek_extensions.h"

namespace assay::snp {

// VCEK <- ASK <- ARK, or VLEK <- ASVK <- ARK. A certificate that was not found is null.
struct Path {
  CertificatePtr leaf, intermediate, root;
  bool leaf_issued = false;          // names and signature, by `intermediate`
  bool intermediate_issued = false;  // by `root`
  bool root_self_signed = false;
  bool root_pinned = false;

  // All but validity in time.
  bool authentic() const;
  bool good_at(Time now) const;
};

// True when `issuer` signed `child`; a positive answer is remembered in `cache`.
bool IssuedByCached(const Certificate& child, const Certificate& issuer, VerifyCache& cache);
bool IssuedByCached(const Crl& crl, const Certificate& issuer, VerifyCache& cache);

// The best path for `leaf`: an attacker who adds certificates of the same names cannot hide a good
// one.
Path FindPath(const CertificatePtr& leaf, const VerifyInput& input);

struct Leaf {
  Path path;  // path.leaf is null when collateral has no certificate of this kind at all
  std::shared_ptr<const VcekExtensions> extensions;  // null when they cannot be read
  Error extensions_error;
};

// HWID and every security version number agree with the report.
bool Matches(const VcekExtensions& extensions, const Report& report);
// CHIP_ID begins with the HWID and is zero behind it.
bool HwidMatches(const VcekExtensions& extensions, const Report& report);

// ECDSA P-384 over the report by `key`. False also when R or S does not fit into 48 bytes.
bool SignedBy(const PublicKey& key, const Report& report);

// The leaf that certifies the key of this report. When none matches exactly, some leaf of the right
// kind, so that the checks can say in what it differs.
Leaf FindLeaf(const Report& report, const VerifyInput& input);

}  // namespace assay::snp
