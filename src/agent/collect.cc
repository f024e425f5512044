#include "agent/collect.h"

#include <fmt/format.h>

#include <numeric>

#include "base/limits.h"
#include "guest/files.h"
#include "tee/tcg/hash_algorithm.h"
#include "tee/tpm/structures.h"

namespace assay::agent {
namespace {

// What firmware, boot loaders and kernel measure into; 10 is IMA's, 14 shim's.
std::vector<std::uint32_t> QuotedPcrs() {
  std::vector<std::uint32_t> out(15);
  std::iota(out.begin(), out.end(), 0U);
  return out;
}

// The digest is made with the hash of the signature (Part 3, 18.4.1).
Result<bool> Covers(const SignedStatement& statement,
                    const std::map<std::uint32_t, Bytes>& values) {
  const tpm::Quote quote = TRY(tpm::ParseQuote(statement.message));
  const tpm::Signature signature = TRY(tpm::ParseSignature(statement.signature));
  Bytes all;
  for (const auto& [pcr, value] : values) Append(all, value);
  return Equal(tcg::Hash(signature.hash, all), quote.pcr_digest);
}

}  // namespace

Result<Collected> CollectTpm(Tpm& tpm, const AttestationKey& ak, View nonce, const LogPaths& logs,
                             const Extras& extras) {
  Collected out;
  out.bound = extras.bind;
  if (extras.certify != nullptr) {
    SignedStatement word = TRY(CertifyKey(tpm, *extras.certify, ak.key, nonce));
    out.certified = CertifiedKey{extras.certify->public_area(), std::move(word)};
  }
  const Bytes quoted = QuotedNonce(nonce, extras.bind);
  out.ak = ak.key.public_area();
  out.ak_certificates = ak.certificates;
  const std::vector<std::uint32_t> pcrs = QuotedPcrs();
  bool covered = false;
  for (unsigned i = 0; i < limits::kQuoteTries && !covered; ++i) {
    out.pcrs = TRY(tpm.ReadPcrs(pcrs));
    out.quote = TRY(MakeQuote(tpm, ak.key, quoted, pcrs));
    covered = TRY(Covers(out.quote, out.pcrs));
  }
  if (!covered) {
    return Fail(ErrorCode::kIo,
                fmt::format("TPM: PCRs changed between reading and quoting, {} times in a row",
                            limits::kQuoteTries),
                "the machine measures all the time; try again");
  }
  out.event_log = TRY(ReadFileIfThere(logs.event_log, limits::kEvidenceBytes));
  out.ima_log = TRY(ReadFileIfThere(logs.ima_log, limits::kImaLogBytes));
  return out;
}

}  // namespace assay::agent
