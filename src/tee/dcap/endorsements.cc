#include "tee/dcap/endorsements.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/encoding.h"
#include "tee/core/fact.h"
#include "tee/core/verify_cache.h"

namespace assay::dcap {
namespace {

constexpr std::string_view kPckExtensionOid = "1.2.840.113741.1.13.1";
constexpr std::string_view kTcbSignerName = "Intel SGX TCB Signing";

// The certificate, parsed once per DER.
Result<CertificatePtr> CachedCertificate(View der, VerifyCache& cache) {
  const Sha256Digest key = Sha256(der);
  if (auto known = cache.Find<Certificate>(key)) return known;
  CertificatePtr parsed = TRY(Certificate::FromDer(der));
  cache.Put<Certificate>(key, parsed);
  return parsed;
}

// PEM in most quotes, with or without a NUL at its end; Intel's own TDX sample has DER one behind
// the other.
Result<std::vector<CertificatePtr>> ParseCertificates(View data, VerifyCache& cache) {
  const std::string_view text = AsText(data);
  if (text.find("-----BEGIN") == std::string_view::npos) return CertificatesFromDerRun(data);
  std::vector<CertificatePtr> out;
  for (const Bytes& der : TRY(PemBlocks(text, "CERTIFICATE"))) {
    out.push_back(TRY(CachedCertificate(der, cache)));
  }
  return out;
}

Result<std::shared_ptr<const PckChain>> ParseChain(View data, VerifyCache& cache) {
  std::vector<CertificatePtr> certificates = TRY(ParseCertificates(data, cache));
  // Leaf first in every quote of real hardware; Intel's own sample has the root first.
  if (!certificates.empty() && !certificates.front()->Extension(kPckExtensionOid)) {
    std::reverse(certificates.begin(), certificates.end());
  }
  if (certificates.size() != 3) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("expected PCK leaf, intermediate and root, found {} certificates",
                            certificates.size()));
  }
  const auto extension = certificates[0]->Extension(kPckExtensionOid);
  if (!extension) {
    return Fail(ErrorCode::kMalformed, "the leaf has no SGX extension: it is no PCK certificate");
  }
  auto chain = std::make_shared<PckChain>();
  chain->leaf = certificates[0];
  chain->intermediate = certificates[1];
  chain->root = certificates[2];
  chain->platform = TRY(ParsePckExtension(*extension));
  return std::shared_ptr<const PckChain>(chain);
}

void GatherChain(const Quote& quote, VerifyCache& cache, Endorsements& out) {
  if (quote.certification_type != kCertTypePemChain) {
    out.chain_problem = fmt::format(
        "certification data type {} is not supported: the quote carries no PCK certificate chain "
        "(type 5)",
        quote.certification_type);
    return;
  }
  const Sha256Digest& key = quote.certification_digest;
  out.chain = cache.Find<PckChain>(key);
  if (out.chain) return;
  auto parsed = ParseChain(quote.certification_data, cache);
  if (!parsed) {
    out.chain_problem = std::move(parsed.error().message);
    return;
  }
  out.chain = *parsed;
  cache.Put<PckChain>(key, out.chain);
}

std::shared_ptr<const SignedDocument> CachedDocument(const JsonDocument& document,
                                                     VerifyCache& cache) {
  if (auto known = cache.Find<SignedDocument>(document.digest)) return known;
  auto parsed = ParseSignedDocument(document);
  if (!parsed) return nullptr;
  auto shared = std::make_shared<const SignedDocument>(std::move(*parsed));
  cache.Put<SignedDocument>(document.digest, shared);
  return shared;
}

bool IssuedByRoot(const CertificatePtr& certificate, const Certificate& root, VerifyCache& cache) {
  return RememberedFact(cache, "issued", certificate->digest(), root.digest(),
                        [&] { return root.is_ca() && certificate->IssuedBy(root); });
}

bool SignedWith(const SignedDocument& document, const Certificate& signer, VerifyCache& cache) {
  return RememberedFact(cache, "document", document.digest, signer.digest(), [&] {
    return signer.key().VerifyEcdsa(document.body_digest, document.signature);
  });
}

struct Signer {
  CertificatePtr certificate;
  bool did_sign = false;
  bool authentic = false;  // did sign, and the root of the PCK chain issued it
};

// The certificate that signed `document`: one that the root issued before one that only bears the
// name and key, one valid now before others (Intel renewed it under the same key); if none did
// sign, any TCB signing certificate, to name in the report.
Signer FindSigner(const std::shared_ptr<const SignedDocument>& document, const Endorsements& found,
                  const VerifyInput& input) {
  Signer best;
  for (const CertificatePtr& candidate : input.collateral.certificates) {
    if (!document || candidate->subject_cn() != kTcbSignerName) continue;
    Signer next{candidate, SignedWith(*document, *candidate, input.cache), false};
    next.authentic =
        next.did_sign && found.chain && IssuedByRoot(candidate, *found.chain->root, input.cache);
    if (next.authentic && candidate->ValidAt(input.now)) return next;
    const auto rank = [](const Signer& s) { return std::pair(s.authentic, s.did_sign); };
    if (!best.certificate || rank(next) > rank(best)) best = next;
  }
  return best;
}

using DocumentPtr = std::shared_ptr<const SignedDocument>;

// Of several documents the one that applies best: right platform, valid now, highest evaluation
// data number, newest. One for another platform is still returned, so that the report can say so.
template <typename Part>
auto Rank(const Part& part, bool right_platform, Time now) {
  const bool current = part.issue_date <= now && now <= part.next_update;
  return std::tuple(right_platform, current, part.evaluation_data_number, part.issue_date);
}

auto RankOf(const SignedDocument& document, bool tdx, const Endorsements& found, Time now) {
  if (const auto& info = document.tcb_info) {
    const bool fits = info->id == (tdx ? "TDX" : "SGX") && found.chain &&
                      info->fmspc == found.chain->platform.fmspc;
    return Rank(*info, fits, now);
  }
  const QeIdentity& identity = *document.qe_identity;
  return Rank(identity, identity.id == (tdx ? "TD_QE" : "QE"), now);
}

// The best one that Intel signed: whoever adds a document with a higher number cannot hide it. The
// only one, the usual case, is taken as it is; the checks judge it.
DocumentPtr Choose(std::vector<DocumentPtr> candidates, bool tdx, const Endorsements& found,
                   const VerifyInput& input) {
  if (candidates.empty()) return nullptr;
  if (candidates.size() == 1) return candidates.front();
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const DocumentPtr& a, const DocumentPtr& b) {
                     return RankOf(*a, tdx, found, input.now) > RankOf(*b, tdx, found, input.now);
                   });
  const bool best_fits = std::get<0>(RankOf(*candidates.front(), tdx, found, input.now));
  for (const DocumentPtr& candidate : candidates) {
    if (std::get<0>(RankOf(*candidate, tdx, found, input.now)) != best_fits) break;
    if (FindSigner(candidate, found, input).authentic) return candidate;
  }
  return candidates.front();
}

void GatherDocuments(const Quote& quote, const VerifyInput& input, Endorsements& out) {
  const bool tdx = quote.tee_type != 0;
  std::vector<DocumentPtr> infos, identities;
  for (const auto& document : input.collateral.documents) {
    auto parsed = CachedDocument(*document, input.cache);
    if (!parsed) continue;
    (parsed->tcb_info ? infos : identities).push_back(std::move(parsed));
  }
  out.tcb_info = Choose(std::move(infos), tdx, out, input);
  out.qe_identity = Choose(std::move(identities), tdx, out, input);
}

bool SignedBy(const Crl& crl, const Certificate& issuer, VerifyCache& cache) {
  return RememberedFact(cache, "crl", crl.digest(), issuer.digest(),
                        [&] { return crl.IssuedBy(issuer); });
}

// The list that names `issuer`: one it signed before one that only bears its name, one valid now
// before others, the newest. The only one is taken as it is; the checks judge it.
CrlPtr FindCrl(const Certificate& issuer, const VerifyInput& input) {
  std::vector<CrlPtr> named;
  for (const CrlPtr& crl : input.collateral.crls) {
    if (crl->issuer_cn() == issuer.subject_cn()) named.push_back(crl);
  }
  if (named.size() <= 1) return named.empty() ? nullptr : named.front();
  const auto rank = [&](const Crl& crl) {
    return std::tuple(SignedBy(crl, issuer, input.cache), crl.ValidAt(input.now),
                      crl.this_update());
  };
  CrlPtr best = named.front();
  for (const CrlPtr& crl : named) {
    if (rank(*crl) > rank(*best)) best = crl;
  }
  return best;
}

Endorsements Gather(const Quote& quote, const VerifyInput& input) {
  Endorsements out;
  GatherChain(quote, input.cache, out);
  GatherDocuments(quote, input, out);
  const Signer info = FindSigner(out.tcb_info, out, input);
  const Signer identity = FindSigner(out.qe_identity, out, input);
  out.tcb_info_signer = info.certificate;
  out.tcb_info_signed = info.did_sign;
  out.qe_identity_signer = identity.certificate;
  out.qe_identity_signed = identity.did_sign;
  if (out.chain) {
    out.root_crl = FindCrl(*out.chain->root, input);
    out.pck_crl = FindCrl(*out.chain->intermediate, input);
  }
  return out;
}

// Endorsements with all of the quote that they depend on.
struct Gathered {
  Sha256Digest certification_digest{};
  std::uint16_t certification_type = 0;
  std::uint32_t tee_type = 0;
  Endorsements endorsements;
};

bool IsOf(const Gathered& gathered, const Quote& quote) {
  return gathered.certification_digest == quote.certification_digest &&
         gathered.certification_type == quote.certification_type &&
         gathered.tee_type == quote.tee_type;
}

}  // namespace

bool RevokedByAny(const Certificate& subject, const Certificate& issuer, const VerifyInput& input) {
  return std::any_of(input.collateral.crls.begin(), input.collateral.crls.end(),
                     [&](const CrlPtr& crl) {
                       return crl->Revokes(subject) && SignedBy(*crl, issuer, input.cache);
                     });
}

Endorsements GatherEndorsements(const Quote& quote, const VerifyInput& input) {
  const auto* known = static_cast<const Gathered*>(input.found.get());
  if (known != nullptr && IsOf(*known, quote)) return known->endorsements;
  auto fresh = std::make_shared<const Gathered>(Gathered{
      quote.certification_digest, quote.certification_type, quote.tee_type, Gather(quote, input)});
  input.found = fresh;
  return fresh->endorsements;
}

CollateralNeeds NeedsOf(const Quote& quote, VerifyCache& cache) {
  Endorsements found;
  GatherChain(quote, cache, found);
  if (!found.chain) return {};
  const std::string& issuer = found.chain->leaf->issuer_cn();
  const bool platform = issuer == "Intel SGX PCK Platform CA";
  if (!platform && issuer != "Intel SGX PCK Processor CA") return {};
  return IntelNeed{HexEncode(found.chain->platform.fmspc), platform ? "platform" : "processor",
                   quote.tee_type != 0};
}

}  // namespace assay::dcap
