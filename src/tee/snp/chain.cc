#include "tee/snp/chain.h"

#include <algorithm>

#include "tee/core/verify_cache.h"

namespace assay::snp {
namespace {

Sha256Digest CacheKey(std::string_view tag, View a, View b = {}) {
  Bytes text = ToBytes(AsBytes(tag));
  Append(text, a);
  Append(text, b);
  return Sha256(text);
}

template <typename Child>
bool IssuedByRemembering(const Child& child, const Certificate& issuer, VerifyCache& cache,
                         std::string_view tag) {
  const Sha256Digest key = CacheKey(tag, child.digest(), issuer.digest());
  if (cache.Find<bool>(key)) return true;
  if (!child.IssuedBy(issuer)) return false;
  cache.Put(key, std::make_shared<const bool>(true));
  return true;
}

bool IsPinned(const Certificate& root, const TrustedRoots& roots) {
  const Sha256Digest spki = root.key().SpkiDigest();
  return std::find(roots.amd.begin(), roots.amd.end(), spki) != roots.amd.end();
}

struct Root {
  CertificatePtr certificate;
  bool pinned = false;
  bool self_signed = false;
};

// The roots named `cn`, trusted ones alone if there are any: what is tried afterwards is then
// bounded by what AMD signed and not by what an attacker made up.
std::vector<Root> RootsNamed(const std::string& cn, const VerifyInput& input) {
  std::vector<Root> trusted;
  std::optional<Root> other;
  for (const CertificatePtr& c : input.collateral.certificates) {
    if (c->subject_cn() != cn) continue;
    const bool pinned = IsPinned(*c, input.roots);
    if (pinned && IssuedByCached(*c, *c, input.cache)) {
      trusted.push_back({c, true, true});
    } else if (!other || (pinned && !other->pinned)) {
      other = Root{c, pinned, false};
    }
  }
  if (!trusted.empty()) return trusted;
  if (!other) return {};
  other->self_signed = IssuedByCached(*other->certificate, *other->certificate, input.cache);
  return {*other};
}

int Score(const Path& path, Time now) {
  if (path.good_at(now)) return 6;
  if (path.authentic()) return 5;
  return (path.root_pinned ? 1 : 0) + (path.intermediate_issued ? 1 : 0) +
         (path.leaf_issued ? 1 : 0) + (path.root ? 1 : 0);
}

std::shared_ptr<const VcekExtensions> Extensions(const Certificate& leaf, VerifyCache& cache,
                                                 Error& error) {
  const Sha256Digest key = CacheKey("snp leaf extensions", leaf.digest());
  if (auto known = cache.Find<VcekExtensions>(key)) return known;
  auto parsed = ParseVcekExtensions(leaf);
  if (!parsed) {
    error = std::move(parsed.error());
    return nullptr;
  }
  auto out = std::make_shared<const VcekExtensions>(std::move(*parsed));
  cache.Put(key, out);
  return out;
}

// Big-endian, without the bytes above P-384's 48; nothing if those are not zero.
std::optional<ByteArray<48>> ToBigEndian(const ByteArray<72>& little) {
  ByteArray<48> out{};
  const View bytes(little);
  if (!IsZero(bytes.subspan(out.size()))) return std::nullopt;
  std::reverse_copy(bytes.begin(), bytes.begin() + out.size(), out.begin());
  return out;
}

}  // namespace

bool Path::authentic() const {
  return leaf_issued && intermediate_issued && root_self_signed && root_pinned &&
         intermediate->is_ca() && root->is_ca();
}

bool Path::good_at(Time now) const {
  return authentic() && leaf->ValidAt(now) && intermediate->ValidAt(now) && root->ValidAt(now);
}

bool IssuedByCached(const Certificate& child, const Certificate& issuer, VerifyCache& cache) {
  if (child.issuer_cn() != issuer.subject_cn()) return false;
  return IssuedByRemembering(child, issuer, cache, "snp certificate issued by");
}

bool IssuedByCached(const Crl& crl, const Certificate& issuer, VerifyCache& cache) {
  if (crl.issuer_cn() != issuer.subject_cn()) return false;
  return IssuedByRemembering(crl, issuer, cache, "snp crl issued by");
}

Path FindPath(const CertificatePtr& leaf, const VerifyInput& input) {
  Path best;
  best.leaf = leaf;
  int best_score = -1;
  std::string roots_cn;
  std::vector<Root> roots;
  for (const CertificatePtr& ca : input.collateral.certificates) {
    if (ca->subject_cn() != leaf->issuer_cn() || ca->digest() == leaf->digest()) continue;
    if (ca->issuer_cn() != roots_cn) {
      roots_cn = ca->issuer_cn();
      roots = RootsNamed(roots_cn, input);
    }
    if (roots.empty()) roots.push_back({});
    for (const Root& root : roots) {
      Path path{.leaf = leaf, .intermediate = ca, .root = root.certificate};
      path.root_pinned = root.pinned;
      path.root_self_signed = root.self_signed;
      path.intermediate_issued =
          root.certificate && IssuedByCached(*ca, *root.certificate, input.cache);
      path.leaf_issued = IssuedByCached(*leaf, *ca, input.cache);
      if (path.good_at(input.now)) return path;
      const int score = Score(path, input.now);
      if (score > best_score) best = path;
      best_score = std::max(score, best_score);
    }
  }
  return best;
}

bool HwidMatches(const VcekExtensions& extensions, const Report& report) {
  if (!extensions.hwid) return false;
  const View chip_id(report.chip_id);
  const std::size_t size = extensions.hwid->size();
  return size <= chip_id.size() && Equal(chip_id.first(size), *extensions.hwid) &&
         IsZero(chip_id.subspan(size));
}

bool Matches(const VcekExtensions& extensions, const Report& report) {
  if (DecodeTcb(report.reported_tcb, extensions.product) != extensions.tcb) return false;
  return report.signing_key() != ReportKey::kVcek || HwidMatches(extensions, report);
}

bool SignedBy(const PublicKey& key, const Report& report) {
  const auto r = ToBigEndian(report.signature_r);
  const auto s = ToBigEndian(report.signature_s);
  if (!r || !s || !key.IsEc(Curve::kP384)) return false;
  Bytes signature = ToBytes(*r);
  Append(signature, *s);
  return key.VerifyEcdsa(Sha384(report.signed_bytes), signature);
}

Leaf FindLeaf(const Report& report, const VerifyInput& input) {
  const std::string_view cn = report.signing_key() == ReportKey::kVlek ? "SEV-VLEK" : "SEV-VCEK";
  std::vector<Leaf> good;
  std::optional<Leaf> matching, other;
  for (const CertificatePtr& c : input.collateral.certificates) {
    if (c->subject_cn() != cn) continue;
    Leaf leaf;
    leaf.extensions = Extensions(*c, input.cache, leaf.extensions_error);
    const bool matches = leaf.extensions && Matches(*leaf.extensions, report);
    if (!matches && other) continue;
    leaf.path.leaf = c;
    if (matches) leaf.path = FindPath(c, input);
    if (matches && leaf.path.good_at(input.now)) {
      good.push_back(leaf);
    } else if (matches) {
      if (!matching || (leaf.path.authentic() && !matching->path.authentic())) matching = leaf;
    } else {
      other = leaf;
    }
  }
  // AMD certifies one key many times, and two providers' VLEKs may have the same version numbers:
  // the signature decides. A single candidate, the usual case, is not verified twice.
  if (good.size() > 1) {
    const auto signer = std::find_if(good.begin(), good.end(), [&](const Leaf& leaf) {
      return SignedBy(leaf.path.leaf->key(), report);
    });
    return signer == good.end() ? good.front() : *signer;
  }
  if (!good.empty()) return good.front();
  if (matching) return *matching;
  if (!other) return {};
  other->path = FindPath(other->path.leaf, input);
  return *other;
}

}  // namespace assay::snp
