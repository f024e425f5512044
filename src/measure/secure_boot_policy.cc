#include "measure/secure_boot_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "crypto/certificate.h"
#include "crypto/digest.h"
#include "measure/shim.h"

namespace assay::measure {
namespace {

using tcg::kEfiGlobalVariable;
using tcg::kEfiImageSecurityDatabase;
using tcg::SignatureEntry;

constexpr std::uint32_t kPcrPolicy = 7;

tl::unexpected<Error> Refused(std::string text, std::string hint) {
  return Fail(ErrorCode::kInvalidArgument, "Secure Boot would refuse it: " + std::move(text),
              std::move(hint));
}

void AppendLe64(Bytes& out, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

// EFI_SIGNATURE_DATA: the owner, then the certificate or digest.
Authority DbAuthority(const SignatureEntry& entry) {
  Authority out{kEfiImageSecurityDatabase, "db", ToBytes(entry.owner)};
  Append(out.data, entry.data);
  return out;
}

bool HoldsDigest(const std::vector<SignatureEntry>& database, View digest) {
  return std::any_of(database.begin(), database.end(), [&](const SignatureEntry& entry) {
    return entry.kind == SignatureEntry::Kind::kSha256 && Equal(entry.data, digest);
  });
}

bool Verifies(const SignatureEntry& entry, const AuthenticodeSignature& signature) {
  if (entry.kind != SignatureEntry::Kind::kX509) return false;
  const auto certificate = Certificate::FromDer(entry.data);
  return certificate && signature.VerifiedBy(**certificate);
}

// Those that are over this image; firmware looks at no others.
Result<std::vector<AuthenticodeSignature>> SignaturesOf(const PeImage& image, View digest) {
  std::vector<AuthenticodeSignature> out;
  for (const View der : image.signatures()) {
    AuthenticodeSignature signature = TRY(AuthenticodeSignature::FromDer(der));
    if (Equal(signature.image_digest(), digest)) out.push_back(std::move(signature));
  }
  return out;
}

// The certificate of shim's vendor has to verify what shim loads; nothing else is predicted.
Result<void> VerifiedByVendor(const PeImage& image, const Certificate& vendor,
                              const std::vector<SignatureEntry>& db) {
  const Sha256Digest digest = Sha256(image.AuthenticodeInput());
  bool verified = false;
  for (const AuthenticodeSignature& signature : TRY(SignaturesOf(image, digest))) {
    for (const SignatureEntry& entry : db) {
      if (!Verifies(entry, signature)) continue;
      return Fail(ErrorCode::kUnsupported,
                  "a boot loader behind shim is signed by a certificate of db: what shim then "
                  "measures is not predicted",
                  "learn PCR 7 from a log: --learn LOG --learn-pcr 7");
    }
    verified = verified || signature.VerifiedBy(vendor);
  }
  if (verified) return {};
  return Refused(fmt::format("an image with SHA-256 {} behind shim is not signed by {}",
                             HexEncode(digest), vendor.subject_cn()),
                 "is it the signed file (grubx64.efi.signed)? Keys of the machine's owner (MOK) "
                 "are not predicted: learn PCR 7");
}

}  // namespace

Bytes VariableEventData(const tcg::Guid& vendor, std::string_view name, View data) {
  Bytes out = ToBytes(vendor);
  AppendLe64(out, name.size());
  AppendLe64(out, data.size());
  for (const char c : name) {
    out.push_back(static_cast<std::byte>(c));
    out.push_back(std::byte{0});
  }
  Append(out, data);
  return out;
}

ExpectedEvents SecureBootEvents(const UefiVariables& variables,
                                const std::vector<Authority>& authorities, const Banks& banks) {
  ExpectedEvents out;
  const auto measure = [&](const tcg::Guid& vendor, std::string_view name, View data) {
    out.push_back(
        Measured(kPcrPolicy, std::string(name), VariableEventData(vendor, name, data), banks));
  };
  const ByteArray<1> state = {SecureBootEnabled(variables) ? std::byte{1} : std::byte{0}};
  measure(kEfiGlobalVariable, "SecureBoot", state);
  for (const std::string_view name : {"PK", "KEK"}) {
    measure(kEfiGlobalVariable, name, variables.DataOf(kEfiGlobalVariable, name));
  }
  for (const std::string_view name : {"db", "dbx"}) {
    measure(kEfiImageSecurityDatabase, name, variables.DataOf(kEfiImageSecurityDatabase, name));
  }
  out.push_back(Separator(kPcrPolicy, banks));
  for (const Authority& authority : authorities) {
    measure(authority.vendor, authority.variable, authority.data);
  }
  return out;
}

Result<Authority> AuthorityOf(const PeImage& image, const UefiVariables& variables) {
  const auto db =
      TRY(tcg::ParseSignatureDatabase(variables.DataOf(kEfiImageSecurityDatabase, "db")));
  const auto dbx =
      TRY(tcg::ParseSignatureDatabase(variables.DataOf(kEfiImageSecurityDatabase, "dbx")));
  const Sha256Digest digest = Sha256(image.AuthenticodeInput());
  if (HoldsDigest(dbx, digest)) {
    return Refused(fmt::format("dbx forbids the image with SHA-256 {}", HexEncode(digest)),
                   "boot a version that is not revoked");
  }
  for (const AuthenticodeSignature& signature : TRY(SignaturesOf(image, digest))) {
    for (const SignatureEntry& entry : db) {
      if (Verifies(entry, signature)) return DbAuthority(entry);
    }
  }
  for (const SignatureEntry& entry : db) {
    if (entry.kind == SignatureEntry::Kind::kSha256 && Equal(entry.data, digest)) {
      return DbAuthority(entry);
    }
  }
  return Refused(
      fmt::format("nothing in db vouches for the image with SHA-256 {}", HexEncode(digest)),
      "is it the signed file, and are these the machine's variables?");
}

Result<std::vector<Authority>> ShimAuthorities(const PeImage& shim,
                                               const std::vector<const PeImage*>& loaded,
                                               const UefiVariables& variables) {
  for (const std::string_view name : {"SbatPolicy", "MokList", "MokSBState"}) {
    if (variables.Find(tcg::kShimLock, name) == nullptr) continue;
    return Fail(
        ErrorCode::kUnsupported,
        fmt::format("the variable {} makes shim decide in ways that are not predicted", name),
        "learn PCR 7 from a log: --learn LOG --learn-pcr 7");
  }
  const auto db =
      TRY(tcg::ParseSignatureDatabase(variables.DataOf(kEfiImageSecurityDatabase, "db")));
  const View vendor_der = TRY(VendorCertificate(shim));
  const CertificatePtr vendor = TRY(Certificate::FromDer(vendor_der));
  for (const PeImage* const image : loaded) TRY_VOID(VerifiedByVendor(*image, *vendor, db));

  const std::string automatic = TRY(AutomaticSbatLevel(shim));
  const View stored = variables.DataOf(tcg::kShimLock, "SbatLevel");
  const std::string level = TRY(SbatLevelAfter(AsText(stored), automatic));
  std::vector<Authority> out = {TRY(AuthorityOf(shim, variables))};
  out.push_back({tcg::kShimLock, "SbatLevel", ToBytes(AsBytes(level))});
  // shim lists its own certificate in MokListRT, with itself as the owner, and finds it there.
  Authority own{tcg::kShimLock, "MokListRT", ToBytes(tcg::kShimLock)};
  Append(own.data, vendor_der);
  out.push_back(std::move(own));
  return out;
}

}  // namespace assay::measure
