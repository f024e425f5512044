#include "tee/tpm/structures.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/reader.h"
#include "crypto/jose.h"
#include "tee/tcg/replay.h"

namespace assay::tpm {
namespace {

constexpr std::uint32_t kGenerated = 0xFF544347;  // TPM_GENERATED_VALUE, 6.2
constexpr std::uint16_t kAttestQuote = 0x8018;    // TPM_ST_ATTEST_QUOTE, 6.9
constexpr std::uint16_t kAttestCertify = 0x8017;  // TPM_ST_ATTEST_CERTIFY

tl::unexpected<Error> Malformed(std::string message) {
  return Fail(ErrorCode::kMalformed, std::move(message));
}

Result<View> Sized(Reader& in, std::string_view field) {
  const std::uint16_t size = TRY(in.U16Be(field));
  return in.Take(size, field);
}

Result<tcg::HashAlgorithm> KnownHash(std::uint16_t id, std::string_view where) {
  if (const auto known = tcg::HashAlgorithmOf(id)) return *known;
  return Fail(
      ErrorCode::kUnsupported,
      fmt::format("{}: hash algorithm 0x{:04x}, expected SHA-1, SHA-256, SHA-384 or SHA-512", where,
                  id));
}

Result<PcrSelection> ParseSelection(Reader& in) {
  PcrSelection out;
  out.bank = TRY(in.U16Be("PCR bank"));
  const std::uint8_t size = TRY(in.U8("size of select"));
  const View bits = TRY(in.Take(size, "PCR select"));
  for (std::uint32_t pcr = 0; pcr < bits.size() * 8; ++pcr) {
    if (((ToU8(bits[pcr / 8]) >> (pcr % 8)) & 1U) == 0) continue;
    if (pcr >= tcg::kPcrCount) return Malformed(fmt::format("quote: PCR {} selected", pcr));
    out.pcrs.push_back(pcr);
  }
  return out;
}

// One bank named twice would leave open which values its digest covers.
Result<std::vector<PcrSelection>> ParseSelections(Reader& in) {
  const std::uint32_t count = TRY(in.U32Be("number of PCR selections"));
  if (count > limits::kPcrBanks) return Malformed(fmt::format("quote: {} PCR selections", count));
  std::vector<PcrSelection> out;
  for (std::uint32_t i = 0; i < count; ++i) {
    PcrSelection one = TRY(ParseSelection(in));
    for (const PcrSelection& other : out) {
      if (other.bank == one.bank) return Malformed("quote: a PCR bank is selected twice");
    }
    out.push_back(std::move(one));
  }
  return out;
}

Result<void> ReadRsa(Reader& in, PublicFields& out) {
  TRY(in.U16Be("key bits"));
  const std::uint32_t exponent = TRY(in.U32Be("exponent"));
  out.exponent = exponent == 0 ? 65537 : exponent;  // 0 stands for the default, 12.2.3.5
  out.modulus = TRY(Sized(in, "modulus"));
  return {};
}

// `bytes`, filled up with leading zeros.
Result<void> AppendPadded(View bytes, std::size_t size, Bytes& out) {
  if (bytes.size() > size) return Malformed("TPM public area: a coordinate longer than its curve");
  out.resize(out.size() + size - bytes.size());
  Append(out, bytes);
  return {};
}

Result<void> ReadEcc(Reader& in, PublicFields& out) {
  const std::uint16_t curve_id = TRY(in.U16Be("curve"));
  // The key derivation scheme, TPM_ALG_NULL for signing keys.
  if (TRY(in.U16Be("KDF")) != 0x0010) TRY(in.U16Be("KDF hash"));
  const bool p256 = curve_id == 0x0003;
  if (!p256 && curve_id != 0x0004) {
    return Fail(
        ErrorCode::kUnsupported,
        fmt::format("TPM public area: curve 0x{:04x}, expected NIST P-256 or P-384", curve_id));
  }
  const std::size_t size = p256 ? 32 : 48;
  out.curve = p256 ? Curve::kP256 : Curve::kP384;
  TRY_VOID(AppendPadded(TRY(Sized(in, "x")), size, out.point));
  return AppendPadded(TRY(Sized(in, "y")), size, out.point);
}

// TPMT_SYM_DEF_OBJECT; nothing for TPM_ALG_NULL, which keys have that are no parents.
Result<std::optional<SymmetricDefinition>> ReadSymmetric(Reader& in) {
  constexpr std::uint16_t kNull = 0x0010;
  SymmetricDefinition out;
  out.algorithm = TRY(in.U16Be("symmetric algorithm"));
  if (out.algorithm == kNull) return std::nullopt;
  out.key_bits = TRY(in.U16Be("symmetric key bits"));
  out.mode = TRY(in.U16Be("symmetric mode"));
  return out;
}

// The signing or decryption scheme, possibly null.
Result<void> SkipScheme(Reader& in) {
  constexpr std::uint16_t kNull = 0x0010, kRsaes = 0x0015, kEcdaa = 0x001A;
  const std::uint16_t scheme = TRY(in.U16Be("scheme"));
  if (scheme == kNull || scheme == kRsaes) return {};
  TRY(in.U16Be("scheme hash"));
  if (scheme == kEcdaa) TRY(in.U16Be("ECDAA count"));
  return {};
}

Result<PublicFields> ParseTpmt(View bytes) {
  Reader in(bytes, "TPM public area");
  PublicFields out;
  out.bytes = bytes;
  const std::uint16_t type = TRY(in.U16Be("type"));
  out.name_algorithm = TRY(KnownHash(TRY(in.U16Be("name algorithm")), "TPM public area"));
  out.attributes = TRY(in.U32Be("attributes"));
  out.auth_policy = TRY(Sized(in, "policy"));
  out.symmetric = TRY(ReadSymmetric(in));
  TRY_VOID(SkipScheme(in));
  constexpr std::uint16_t kRsa = 0x0001, kEcc = 0x0023;
  if (type != kRsa && type != kEcc) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("TPM public area: type 0x{:04x}, expected RSA or ECC", type));
  }
  TRY_VOID(type == kRsa ? ReadRsa(in, out) : ReadEcc(in, out));
  TRY_VOID(in.ExpectEnd());
  return out;
}

Result<void> ExpectAttestOf(std::uint16_t expected, std::string_view what, Reader& in) {
  if (TRY(in.U32Be("magic")) != kGenerated) {
    return Malformed(
        fmt::format("{}: expected the magic ff544347 that no TPM key signs for others", what));
  }
  const std::uint16_t type = TRY(in.U16Be("type"));
  if (type != expected) {
    return Malformed(
        fmt::format("{}: attestation type 0x{:04x}, expected 0x{:04x}", what, type, expected));
  }
  return {};
}

}  // namespace

Result<Certification> ParseCertification(View bytes) {
  constexpr std::string_view kWhat = "TPM certification";
  Reader in(bytes, kWhat);
  Certification out;
  out.bytes = bytes;
  TRY_VOID(ExpectAttestOf(kAttestCertify, kWhat, in));
  out.qualified_signer = TRY(Sized(in, "qualified signer"));
  out.extra_data = TRY(Sized(in, "extra data"));
  constexpr std::size_t kClockInfo = 17, kFirmwareVersion = 8;
  TRY(in.Take(kClockInfo + kFirmwareVersion, "clock and firmware version"));
  out.name = TRY(Sized(in, "name"));
  TRY(Sized(in, "qualified name"));
  TRY_VOID(in.ExpectEnd());
  return out;
}

Result<Quote> ParseQuote(View bytes) {
  constexpr std::string_view kWhat = "TPM quote";
  Reader in(bytes, kWhat);
  Quote out;
  out.bytes = bytes;
  TRY_VOID(ExpectAttestOf(kAttestQuote, kWhat, in));
  out.qualified_signer = TRY(Sized(in, "qualified signer"));
  out.extra_data = TRY(Sized(in, "extra data"));
  out.clock = TRY(in.U64Be("clock"));
  out.reset_count = TRY(in.U32Be("reset count"));
  out.restart_count = TRY(in.U32Be("restart count"));
  out.safe = TRY(in.U8("safe")) == 1;
  out.firmware_version = TRY(in.U64Be("firmware version"));
  out.selections = TRY(ParseSelections(in));
  out.pcr_digest = TRY(Sized(in, "PCR digest"));
  TRY_VOID(in.ExpectEnd());
  return out;
}

Result<Signature> ParseSignature(View bytes) {
  Reader in(bytes, "TPM signature");
  Signature out;
  const std::uint16_t scheme = TRY(in.U16Be("scheme"));
  out.hash = TRY(KnownHash(TRY(in.U16Be("hash")), "TPM signature"));
  switch (scheme) {
    case static_cast<std::uint16_t>(Signature::Scheme::kRsassa):
    case static_cast<std::uint16_t>(Signature::Scheme::kRsapss):
      out.rsa = TRY(Sized(in, "signature"));
      break;
    case static_cast<std::uint16_t>(Signature::Scheme::kEcdsa):
      out.r = TRY(Sized(in, "r"));
      out.s = TRY(Sized(in, "s"));
      break;
    default:
      return Fail(
          ErrorCode::kUnsupported,
          fmt::format("TPM signature: scheme 0x{:04x}, expected RSASSA, RSAPSS or ECDSA", scheme));
  }
  out.scheme = static_cast<Signature::Scheme>(scheme);
  TRY_VOID(in.ExpectEnd());
  return out;
}

Bytes PublicFields::Name() const {
  const auto id = static_cast<std::uint16_t>(name_algorithm);
  Bytes out = {std::byte(id >> 8U), std::byte(id & 0xFFU)};
  Append(out, tcg::Hash(name_algorithm, bytes));
  return out;
}

Result<PublicKey> PublicFields::Key() const {
  if (curve) return PublicKey::FromPoint(*curve, point);
  const ByteArray<4> big = {std::byte(exponent >> 24U), std::byte((exponent >> 16U) & 0xFFU),
                            std::byte((exponent >> 8U) & 0xFFU), std::byte(exponent & 0xFFU)};
  return RsaPublicKey(modulus, big);
}

Result<PublicFields> ParsePublicFields(View bytes) {
  // No type of TPMT_PUBLIC is as large as a whole key, so the size tells the two apart.
  if (bytes.size() > 2) {
    const std::size_t size = ToU8(bytes[0]) * 256U + ToU8(bytes[1]);
    if (size == bytes.size() - 2) return ParseTpmt(bytes.subspan(2));
  }
  return ParseTpmt(bytes);
}

Result<PublicArea> ParsePublicArea(View bytes) {
  PublicFields fields = TRY(ParsePublicFields(bytes));
  PublicKey key = TRY(fields.Key());
  return PublicArea{std::move(fields), std::move(key)};
}

}  // namespace assay::tpm
