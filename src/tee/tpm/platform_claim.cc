#include "tee/tpm/platform_claim.h"

#include <fmt/format.h>

#include "base/reader.h"

namespace assay::tpm {
namespace {

constexpr std::uint32_t kPlatformMagic = 0x54504C41;  // "ALPT" as it stands in memory
constexpr std::uint32_t kPlatformVersion = 0;

Result<tcg::HashAlgorithm> BankOf(std::uint32_t id) {
  const auto known =
      id <= 0xFFFF ? tcg::HashAlgorithmOf(static_cast<std::uint16_t>(id)) : std::nullopt;
  if (known) return *known;
  return Fail(ErrorCode::kUnsupported,
              fmt::format("platform claim: hash algorithm 0x{:x} of the PCRs is not known", id));
}

}  // namespace

Result<PlatformClaim> ParsePlatformClaim(View bytes) {
  Reader in(bytes, "platform claim");
  const std::uint32_t magic = TRY(in.U32Le("magic"));
  const std::uint32_t version = TRY(in.U32Le("version"));
  if (magic != kPlatformMagic || version != kPlatformVersion) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("platform claim: expected NCRYPT_TPM_PLATFORM_ATTESTATION_STATEMENT of "
                            "version 0, found magic 0x{:08x}, version {}",
                            magic, version),
                "make it by NCryptCreateClaim with NCRYPT_CLAIM_PLATFORM");
  }
  PlatformClaim out;
  out.bank = TRY(BankOf(TRY(in.U32Le("PCR algorithm"))));
  const std::uint32_t signature = TRY(in.U32Le("size of the signature"));
  const std::uint32_t quote = TRY(in.U32Le("size of the quote"));
  const std::uint32_t pcrs = TRY(in.U32Le("size of the PCRs"));
  out.signature = TRY(in.Take(signature, "signature"));
  out.quote = TRY(in.Take(quote, "quote"));
  const std::size_t size = tcg::DigestSize(out.bank);
  if (pcrs != tcg::kPcrCount * size) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("platform claim: expected {} PCRs of {} bytes, found {} bytes",
                            tcg::kPcrCount, size, pcrs));
  }
  for (std::uint32_t pcr = 0; pcr < tcg::kPcrCount; ++pcr) {
    out.pcrs[pcr] = ToBytes(TRY(in.Take(size, "PCR")));
  }
  TRY_VOID(in.ExpectEnd());
  return out;
}

}  // namespace assay::tpm
