#include "measure/sigstruct.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/reader.h"
#include "crypto/rsa_verify.h"

namespace assay::measure {
namespace {

constexpr std::size_t kKeyBytes = 384;
constexpr std::size_t kHeaderBytes = 128, kBodyAt = 900, kBodyBytes = 128;  // the signed parts
constexpr std::uint64_t kDebugFlag = 1U << 1U;
constexpr std::uint32_t kIntel = 0x8086;

constexpr std::string_view kHeader = "06000000e10000000000010000000000";
constexpr std::string_view kHeader2 = "01010000600000006000000001000000";

tl::unexpected<Error> MalformedSigstruct(std::string text) {
  return Fail(ErrorCode::kMalformed, "SIGSTRUCT: " + std::move(text),
              "no processor starts an enclave with it: was the image signed, and is it whole?");
}

Result<void> TakeConstant(Reader& in, std::string_view hex, std::string_view field) {
  const View found = TRY(in.Take(hex.size() / 2, field));
  if (HexEncode(found) != hex) {
    return MalformedSigstruct(
        fmt::format("expected {} {}, found {}", field, hex, HexEncode(found)));
  }
  return {};
}

Result<void> TakeReserved(Reader& in, std::size_t size) {
  const std::size_t at = in.offset();
  if (!IsZero(TRY(in.Take(size, "reserved bytes")))) {
    return MalformedSigstruct(fmt::format("expected {} zeros at offset {}", size, at));
  }
  return {};
}

Result<void> ReadHeader(Reader& in, Sigstruct& out) {
  TRY_VOID(TakeConstant(in, kHeader, "HEADER"));
  const std::uint32_t vendor = TRY(in.U32Le("VENDOR"));
  if (vendor != 0 && vendor != kIntel) {
    return MalformedSigstruct(fmt::format("expected VENDOR 0 or 0x8086, found 0x{:x}", vendor));
  }
  out.date = TRY(in.U32Le("DATE"));
  TRY_VOID(TakeConstant(in, kHeader2, "HEADER2"));
  TRY(in.U32Le("SWDEFINED"));
  return TakeReserved(in, 84);
}

Bytes BigEndian(View little_endian) { return {little_endian.rbegin(), little_endian.rend()}; }

// RSA-3072 with exponent 3, PKCS #1 v1.5 with SHA-256, over the header and the body.
Result<void> ReadKeyAndVerify(Reader& in, View all, Sigstruct& out) {
  const View modulus = TRY(in.Take(kKeyBytes, "MODULUS"));
  TRY_VOID(TakeConstant(in, "03000000", "EXPONENT"));
  const View signature = TRY(in.Take(kKeyBytes, "SIGNATURE"));
  Bytes is_signed = ToBytes(all.first(kHeaderBytes));
  Append(is_signed, all.subspan(kBodyAt, kBodyBytes));
  const PublicKey key = TRY(RsaKeyOfAnyNumbers(BigEndian(modulus), ByteArray<1>{std::byte{3}}));
  if (!VerifyRsaSignature(key, RsaPadding::kPkcs1, Sha256(is_signed), BigEndian(signature))) {
    return MalformedSigstruct("its signature is not that of its key over its header and body");
  }
  out.mrsigner = Sha256(modulus);
  return {};
}

Result<void> ReadBody(Reader& in, Sigstruct& out) {
  TRY(in.U32Le("MISCSELECT"));
  TRY(in.U32Le("MISCMASK"));
  TRY_VOID(TakeReserved(in, 4));
  TRY(in.Take(16, "ISVFAMILYID"));
  out.attributes = TRY(in.U64Le("ATTRIBUTES"));
  TRY(in.U64Le("XFRM"));
  out.attributes_mask = TRY(in.U64Le("ATTRIBUTEMASK"));
  TRY(in.U64Le("XFRM mask"));
  out.mrenclave = TRY(in.Array<32>("ENCLAVEHASH"));
  TRY_VOID(TakeReserved(in, 16));
  TRY(in.Take(16, "ISVEXTPRODID"));
  out.isv_prod_id = TRY(in.U16Le("ISVPRODID"));
  out.isv_svn = TRY(in.U16Le("ISVSVN"));
  return TakeReserved(in, 12);
}

}  // namespace

bool Sigstruct::AllowsDebug() const {
  return (attributes_mask & kDebugFlag) == 0 || (attributes & kDebugFlag) != 0;
}

Result<Sigstruct> ReadSigstruct(View bytes) {
  if (bytes.size() != kSigstructBytes) {
    return MalformedSigstruct(
        fmt::format("expected {} bytes, found {}", kSigstructBytes, bytes.size()));
  }
  Sigstruct out;
  Reader in(bytes, "SIGSTRUCT");
  TRY_VOID(ReadHeader(in, out));
  TRY_VOID(ReadKeyAndVerify(in, bytes, out));
  TRY_VOID(ReadBody(in, out));
  TRY(in.Take(kKeyBytes, "Q1"));
  TRY(in.Take(kKeyBytes, "Q2"));
  TRY_VOID(in.ExpectEnd());
  return out;
}

}  // namespace assay::measure
