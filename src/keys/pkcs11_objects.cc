#include "keys/pkcs11_objects.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/der.h"

namespace assay::keys {
namespace {

constexpr std::string_view kKeyLabel = "assay-key";

Result<Pkcs11Template> OfKey(const std::string& id) {
  Pkcs11Template out;
  out.Octets(CKA_LABEL, AsBytes(kKeyLabel)).Octets(CKA_ID, TRY(HexDecode(id)));
  return out;
}

constexpr std::byte kOctetStringTag{0x04}, kUncompressed{0x04}, kLongLength{0x81};

Bytes EncodedPoint(const EcPublicParts& point) {
  Bytes out{kUncompressed};
  Append(out, point.x);
  Append(out, point.y);
  return out;
}

Result<EcPublicParts> ParseEcPoint(NamedCurve curve, View attribute) {
  DerReader reader(attribute, "CKA_EC_POINT");
  const View point = TRY(reader.Take(DerReader::kOctetString));
  const std::size_t half = CoordinateBytes(curve);
  if (!reader.done() || point.size() != 1 + 2 * half || point[0] != kUncompressed) {
    return Fail(ErrorCode::kMalformed, "HSM: expected an uncompressed point of the curve");
  }
  return EcPublicParts{curve, ToBytes(point.subspan(1, half)), ToBytes(point.subspan(1 + half))};
}

}  // namespace

Result<Pkcs11Template> PublicTemplate(const std::string& id, KeyKind kind) {
  Pkcs11Template out = TRY(OfKey(id));
  out.Flag(CKA_TOKEN, true).Flag(CKA_PRIVATE, false).Flag(CKA_VERIFY, true);
  if (kind == KeyKind::kRsa) out.Flag(CKA_ENCRYPT, true);
  return out;
}

Result<Pkcs11Template> PrivateTemplate(const std::string& id, KeyKind kind, bool exportable) {
  Pkcs11Template out = TRY(OfKey(id));
  out.Flag(CKA_TOKEN, true).Flag(CKA_PRIVATE, true).Flag(CKA_SENSITIVE, true);
  out.Flag(CKA_EXTRACTABLE, exportable);
  if (kind != KeyKind::kOct) out.Flag(CKA_SIGN, true);
  if (kind != KeyKind::kEc) out.Flag(CKA_DECRYPT, true);
  if (kind != KeyKind::kOct) return out;
  out.Flag(CKA_ENCRYPT, true).Flag(CKA_WRAP, true).Flag(CKA_UNWRAP, true);
  return out;
}

// RFC 5480 §2.1.1.1; SEC 2 §A.2 for secp256k1.
Bytes EcParameters(NamedCurve curve) {
  switch (curve) {
    case NamedCurve::kP256: return HexDecode("06082a8648ce3d030107").value_or(Bytes());
    case NamedCurve::kP384: return HexDecode("06052b81040022").value_or(Bytes());
    case NamedCurve::kP521: return HexDecode("06052b81040023").value_or(Bytes());
    case NamedCurve::kP256K: return HexDecode("06052b8104000a").value_or(Bytes());
  }
  return {};
}

Bytes EcPointAttribute(const EcPublicParts& point) {
  const Bytes encoded = EncodedPoint(point);
  Bytes out{kOctetStringTag};
  if (encoded.size() >= 0x80) out.push_back(kLongLength);
  out.push_back(static_cast<std::byte>(encoded.size()));
  Append(out, encoded);
  return out;
}

Result<PublicHalf> ReadPublicHalf(Pkcs11Session& session, CK_OBJECT_HANDLE object,
                                  const KeySpec& spec) {
  PublicHalf out;
  if (spec.kind == KeyKind::kEc) {
    const Bytes point = TRY(session.Octets(object, CKA_EC_POINT));
    const EcPublicParts parts = TRY(ParseEcPoint(spec.curve, point));
    const AsymmetricKey key = TRY(AsymmetricKey::FromEc(parts));
    out.ec = TRY(key.EcPublic());
    out.bits = key.bits();
    return out;
  }
  RsaPublicParts parts;
  parts.n = TRY(session.Octets(object, CKA_MODULUS));
  parts.e = TRY(session.Octets(object, CKA_PUBLIC_EXPONENT));
  const AsymmetricKey key = TRY(AsymmetricKey::FromRsa(parts));
  out.rsa = TRY(key.RsaPublic());
  out.bits = key.bits();
  if (out.bits == spec.bits) return out;
  return Fail(ErrorCode::kIo,
              fmt::format("HSM: expected a key of {} bits, it made {}", spec.bits, out.bits));
}

Result<std::vector<CK_OBJECT_HANDLE>> FindObjects(Pkcs11Session& session, const std::string& id) {
  Pkcs11Template wanted = TRY(OfKey(id));
  return session.Find(wanted, limits::kHsmObjectsOfKey);
}

Result<CK_OBJECT_HANDLE> FindObject(Pkcs11Session& session, const std::string& id,
                                    CK_OBJECT_CLASS object_class) {
  Pkcs11Template wanted = TRY(OfKey(id));
  wanted.Number(CKA_CLASS, object_class);
  const std::vector<CK_OBJECT_HANDLE> found = TRY(session.Find(wanted, 2));
  if (found.size() == 1) return found[0];
  return Fail(ErrorCode::kMissing,
              fmt::format("HSM: expected one object {} of id {} and class {}, found {}", kKeyLabel,
                          id, object_class, found.size()));
}

}  // namespace assay::keys
