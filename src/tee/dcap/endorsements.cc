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

// Of several documents the one that applies best: right platform, valid now, highest evaluation
// data number, newest. One for another platform is still returned, so that the report can say so.
template <typename Part>
auto Rank(const Part& part, bool right_platform, Time now) {
  const bool current = part.issue_date <= now && now <= part.next_update;
  return std::tuple(right_platform, current, part.evaluation_data_number, part.issue_date);
}

void GatherDocuments(const Quote& quote, const VerifyInput& input, Endorsements& out) {
  const bool tdx = quote.tee_type != 0;
  for (const auto& document : input.collateral.documents) {
    const auto parsed = CachedDocument(*document, input.cache);
    if (!parsed) continue;
    if (const auto& info = parsed->tcb_info) {
      const auto fits = [&](const TcbInfo& i) {
        return i.id == (tdx ? "TDX" : "SGX") && out.chain && i.fmspc == out.chain->platform.fmspc;
      };
      if (!out.tcb_info ||
          Rank(*info, fits(*info), input.now) >
              Rank(*out.tcb_info->tcb_info, fits(*out.tcb_info->tcb_info), input.now)) {
        out.tcb_info = parsed;
      }
    } else if (const auto& identity = parsed->qe_identity) {
      const auto fits = [&](const QeIdentity& i) { return i.id == (tdx ? "TD_QE" : "QE"); };
      if (!out.qe_identity ||
          Rank(*identity, fits(*identity), input.now) >
              Rank(*out.qe_identity->qe_identity, fits(*out.qe_identity->qe_identity), input.now)) {
        out.qe_identity = parsed;
      }
    }
  }
}

// The certificate that signed `document`, one valid now before others (Intel renewed it under the
// same key); if none did, any TCB signing certificate, to name in the report.
std::pair<CertificatePtr, bool> FindSigner(const std::shared_ptr<const SignedDocument>& document,
                                           const VerifyInput& input) {
  std::pair<CertificatePtr, bool> best;  // and whether it did sign
  for (const CertificatePtr& candidate : input.collateral.certificates) {
    if (!document || candidate->subject_cn() != kTcbSignerName) continue;
    const bool signed_by = RememberedFact(
        input.cache, "document", document->digest, candidate->digest(),
        [&] { return candidate->key().VerifyEcdsa(document->body_digest, document->signature); });
    if (signed_by && candidate->ValidAt(input.now)) return {candidate, true};
    if (!best.first || (signed_by && !best.second)) best = {candidate, signed_by};
  }
  return best;
}

CrlPtr FindCrl(const std::string& issuer, const VerifyInput& input) {
  CrlPtr best;
  const auto rank = [&](const Crl& crl) {
    return std::pair(crl.ValidAt(input.now), crl.this_update());
  };
  for (const CrlPtr& crl : input.collateral.crls) {
    if (crl->issuer_cn() == issuer && (!best || rank(*crl) > rank(*best))) best = crl;
  }
  return best;
}

Endorsements Gather(const Quote& quote, const VerifyInput& input) {
  Endorsements out;
  GatherChain(quote, input.cache, out);
  GatherDocuments(quote, input, out);
  std::tie(out.tcb_info_signer, out.tcb_info_signed) = FindSigner(out.tcb_info, input);
  std::tie(out.qe_identity_signer, out.qe_identity_signed) = FindSigner(out.qe_identity, input);
  if (out.chain) {
    out.root_crl = FindCrl(out.chain->root->subject_cn(), input);
    out.pck_crl = FindCrl(out.chain->intermediate->subject_cn(), input);
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
