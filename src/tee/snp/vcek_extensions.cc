#include "tee/snp/vcek_extensions.h"

#include <fmt/format.h>

#include "base/reader.h"

namespace assay::snp {
namespace {

constexpr std::uint8_t kDerInteger = 0x02;
constexpr std::uint8_t kDerIa5String = 0x16;
constexpr std::size_t kHwidBytes = 64;
constexpr std::size_t kHwidBytesTurin = 8;

// The content of the one DER element in `der`; lengths above 127 do not occur in these extensions.
Result<View> DerContent(View der, std::uint8_t tag, std::string_view name) {
  Reader reader(der, name);
  const auto found = TRY(reader.U8("DER tag"));
  const auto length = TRY(reader.U8("DER length"));
  if (found != tag || length > 127) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("AMD certificate extension {}: expected DER tag {:#04x}, found {:#04x}",
                            name, tag, found));
  }
  const View content = TRY(reader.Take(length, "DER content"));
  TRY_VOID(reader.ExpectEnd());
  return content;
}

Result<std::optional<std::uint8_t>> OptionalSvn(const Certificate& certificate,
                                                std::string_view oid, std::string_view name) {
  const auto der = certificate.Extension(oid);
  if (!der) return std::nullopt;
  const View content = TRY(DerContent(*der, kDerInteger, name));
  // 0 to 127 take one byte; 128 to 255 a leading zero, because DER integers are signed.
  const bool one = content.size() == 1 && ToU8(content[0]) < 128;
  const bool two = content.size() == 2 && ToU8(content[0]) == 0 && ToU8(content[1]) >= 128;
  if (!one && !two) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("AMD certificate extension {}: expected an integer 0 to 255", name));
  }
  return ToU8(content.back());
}

Result<std::uint8_t> Svn(const Certificate& certificate, std::string_view oid,
                         std::string_view name) {
  const auto value = TRY(OptionalSvn(certificate, oid, name));
  if (!value) {
    return Fail(ErrorCode::kMissing,
                fmt::format("AMD certificate: it has no extension {} ({})", name, oid),
                "a VCEK or VLEK certificate from AMD's key distribution service is needed");
  }
  return *value;
}

Result<std::optional<std::string>> OptionalText(const Certificate& certificate,
                                                std::string_view oid, std::string_view name) {
  const auto der = certificate.Extension(oid);
  if (!der) return std::nullopt;
  const View content = TRY(DerContent(*der, kDerIa5String, name));
  for (const std::byte b : content) {
    if (ToU8(b) < 0x20 || ToU8(b) > 0x7E) {  // it is shown to people
      return Fail(ErrorCode::kMalformed,
                  fmt::format("AMD certificate extension {}: expected printable ASCII", name));
    }
  }
  return std::string(AsText(content));
}

Result<TcbParts> ReadTcb(const Certificate& certificate, Product product) {
  TcbParts tcb;
  tcb.bootloader = TRY(Svn(certificate, "1.3.6.1.4.1.3704.1.3.1", "blSPL"));
  tcb.tee = TRY(Svn(certificate, "1.3.6.1.4.1.3704.1.3.2", "teeSPL"));
  tcb.snp = TRY(Svn(certificate, "1.3.6.1.4.1.3704.1.3.3", "snpSPL"));
  tcb.microcode = TRY(Svn(certificate, "1.3.6.1.4.1.3704.1.3.8", "ucodeSPL"));
  if (product == Product::kTurin) {
    tcb.fmc = TRY(Svn(certificate, "1.3.6.1.4.1.3704.1.3.9", "fmcSPL"));
  }
  return tcb;
}

}  // namespace

Result<VcekExtensions> ParseVcekExtensions(const Certificate& certificate) {
  VcekExtensions out;
  out.struct_version = TRY(Svn(certificate, "1.3.6.1.4.1.3704.1.1", "structVersion"));
  const auto name = TRY(OptionalText(certificate, "1.3.6.1.4.1.3704.1.2", "productName"));
  const auto product = name ? ProductFromName(*name) : std::nullopt;
  if (!product) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("AMD certificate: expected product Milan, Genoa or Turin, found {}",
                            name.value_or("none")));
  }
  out.product_name = *name;
  out.product = *product;
  out.tcb = TRY(ReadTcb(certificate, *product));
  out.hwid = certificate.Extension("1.3.6.1.4.1.3704.1.4");  // raw: no DER wrapper
  const std::size_t size = *product == Product::kTurin ? kHwidBytesTurin : kHwidBytes;
  if (out.hwid && out.hwid->size() != size) {
    return Fail(ErrorCode::kMalformed, fmt::format("AMD certificate: expected {} bytes of HWID, "
                                                   "found {}",
                                                   size, out.hwid->size()));
  }
  out.csp_id = TRY(OptionalText(certificate, "1.3.6.1.4.1.3704.1.5", "cspId"));
  return out;
}

}  // namespace assay::snp
