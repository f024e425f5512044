#include "keys/pkcs11_hsm.h"

#include <utility>

#include "keys/pkcs11_key.h"
#include "keys/pkcs11_objects.h"
#include "keys/pkcs11_wrap.h"

namespace assay::keys {
namespace {

Bytes Exponent(std::uint32_t exponent) {
  Bytes out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto octet = static_cast<std::byte>(exponent >> static_cast<unsigned>(shift) & 0xFFU);
    if (!out.empty() || octet != std::byte{0}) out.push_back(octet);
  }
  return out;
}

Outcome<PublicHalf> GeneratePair(Pkcs11Session& session, const std::string& id, const KeySpec& spec,
                                 bool exportable) {
  Pkcs11Template public_half = TRY(PublicTemplate(id, spec.kind));
  Pkcs11Template private_half = TRY(PrivateTemplate(id, spec.kind, exportable));
  const bool rsa = spec.kind == KeyKind::kRsa;
  if (rsa) {
    public_half.Number(CKA_MODULUS_BITS, spec.bits);
    public_half.Octets(CKA_PUBLIC_EXPONENT, Exponent(spec.exponent));
  } else {
    public_half.Octets(CKA_EC_PARAMS, EcParameters(spec.curve));
  }
  CK_MECHANISM mechanism{rsa ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  CK_OBJECT_HANDLE public_key = 0;
  CK_OBJECT_HANDLE private_key = 0;
  const CK_RV code = session->C_GenerateKeyPair(session.raw(), &mechanism, public_half.data(),
                                                public_half.size(), private_half.data(),
                                                private_half.size(), &public_key, &private_key);
  if (code != CKR_OK) return HsmRefused("making such a key", code);
  return TRY(ReadPublicHalf(session, public_key, spec));
}

Outcome<PublicHalf> GenerateOct(Pkcs11Session& session, const std::string& id, const KeySpec& spec,
                                bool exportable) {
  Pkcs11Template wanted = TRY(PrivateTemplate(id, spec.kind, exportable));
  wanted.Number(CKA_VALUE_LEN, spec.bits / 8);
  CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
  CK_OBJECT_HANDLE key = 0;
  const CK_RV code =
      session->C_GenerateKey(session.raw(), &mechanism, wanted.data(), wanted.size(), &key);
  if (code != CKR_OK) return HsmRefused("making such a key", code);
  PublicHalf out;
  out.bits = spec.bits;
  return out;
}

Outcome<void> CreateObject(Pkcs11Session& session, Pkcs11Template& wanted) {
  CK_OBJECT_HANDLE object = 0;
  const CK_RV code = session->C_CreateObject(session.raw(), wanted.data(), wanted.size(), &object);
  if (code != CKR_OK) return HsmRefused("taking in such a key", code);
  return {};
}

Outcome<void> ImportRsa(Pkcs11Session& session, const AsymmetricKey& pair,
                        Pkcs11Template& public_half, Pkcs11Template& private_half) {
  const RsaPublicParts parts = TRY(pair.RsaPublic());
  const RsaPrivateParts secret = TRY(pair.RsaPrivate());
  for (Pkcs11Template* half : {&public_half, &private_half}) {
    half->Number(CKA_KEY_TYPE, CKK_RSA);
    half->Octets(CKA_MODULUS, parts.n).Octets(CKA_PUBLIC_EXPONENT, parts.e);
  }
  private_half.Octets(CKA_PRIVATE_EXPONENT, secret.d.view());
  private_half.Octets(CKA_PRIME_1, secret.p.view()).Octets(CKA_PRIME_2, secret.q.view());
  private_half.Octets(CKA_EXPONENT_1, secret.dp.view()).Octets(CKA_EXPONENT_2, secret.dq.view());
  private_half.Octets(CKA_COEFFICIENT, secret.qi.view());
  TRY_VOID(CreateObject(session, private_half));
  return CreateObject(session, public_half);
}

Outcome<void> ImportEc(Pkcs11Session& session, const AsymmetricKey& pair,
                       Pkcs11Template& public_half, Pkcs11Template& private_half) {
  const EcPublicParts point = TRY(pair.EcPublic());
  const SecretBytes d = TRY(pair.EcPrivate());
  for (Pkcs11Template* half : {&public_half, &private_half}) {
    half->Number(CKA_KEY_TYPE, CKK_EC);
    half->Octets(CKA_EC_PARAMS, EcParameters(point.curve));
  }
  public_half.Octets(CKA_EC_POINT, EcPointAttribute(point));
  private_half.Octets(CKA_VALUE, d.view());
  TRY_VOID(CreateObject(session, private_half));
  return CreateObject(session, public_half);
}

tl::unexpected<Fault> AnotherKey(const KeyVersion& version, std::string_view what) {
  return Refuse(FaultKind::kUnavailable, "HSM: the object of key " + version.name + "/" +
                                             version.version + ' ' + std::string(what));
}

Outcome<CK_OBJECT_HANDLE> ObjectOf(Pkcs11Session& session, const KeyVersion& version,
                                   CK_OBJECT_CLASS object_class) {
  const auto found = FindObject(session, version.hsm_object, object_class);
  if (found) return *found;
  if (found.error().code != ErrorCode::kMissing) return tl::unexpected<Fault>(found.error());
  return AnotherKey(version, "is not there: " + found.error().message);
}

// Who has the PIN could have put another one in its place.
Outcome<void> CheckIsThatKey(Pkcs11Session& session, const KeyVersion& version,
                             CK_OBJECT_HANDLE secret_key) {
  if (!TRY(session.Flag(secret_key, CKA_SENSITIVE))) return AnotherKey(version, "is not sensitive");
  const bool extractable = TRY(session.Flag(secret_key, CKA_EXTRACTABLE));
  if (extractable && !version.attributes.exportable) {
    return AnotherKey(version, "can be read out, and the key is not exportable");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Pkcs11Hsm>> Pkcs11Hsm::Open(std::shared_ptr<Pkcs11Token> token) {
  const KwpOfToken kwp = TRY(FindKwp(*token));
  return std::unique_ptr<Pkcs11Hsm>(new Pkcs11Hsm(std::move(token), kwp));
}

Outcome<PublicHalf> Pkcs11Hsm::Generate(const std::string& id, const KeySpec& spec,
                                        bool exportable) {
  Pkcs11Session session = TRY(token_->Session());
  if (spec.kind == KeyKind::kOct) return GenerateOct(session, id, spec, exportable);
  return GeneratePair(session, id, spec, exportable);
}

Outcome<void> Pkcs11Hsm::Import(const std::string& id, const ImportedKey& key, bool exportable) {
  Pkcs11Session session = TRY(token_->Session());
  Pkcs11Template private_half = TRY(PrivateTemplate(id, key.kind, exportable));
  if (key.kind == KeyKind::kOct) {
    private_half.Number(CKA_CLASS, CKO_SECRET_KEY).Number(CKA_KEY_TYPE, CKK_AES);
    private_half.Octets(CKA_VALUE, key.oct.view());
    return CreateObject(session, private_half);
  }
  Pkcs11Template public_half = TRY(PublicTemplate(id, key.kind));
  public_half.Number(CKA_CLASS, CKO_PUBLIC_KEY);
  private_half.Number(CKA_CLASS, CKO_PRIVATE_KEY);
  const bool rsa = key.kind == KeyKind::kRsa;
  return rsa ? ImportRsa(session, *key.pair, public_half, private_half)
             : ImportEc(session, *key.pair, public_half, private_half);
}

Outcome<UsableKeyPtr> Pkcs11Hsm::Open(const KeyVersion& version) {
  Pkcs11Session session = TRY(token_->Session());
  const bool oct = version.kind == KeyKind::kOct;
  const CK_OBJECT_HANDLE secret_key =
      TRY(ObjectOf(session, version, oct ? CKO_SECRET_KEY : CKO_PRIVATE_KEY));
  TRY_VOID(CheckIsThatKey(session, version, secret_key));
  if (oct) return MakeTokenOct(token_, secret_key, kwp_);
  const CK_OBJECT_HANDLE public_key = TRY(ObjectOf(session, version, CKO_PUBLIC_KEY));
  const PublicHalf half = TRY(ReadPublicHalf(session, public_key, version.Spec()));
  if (half != static_cast<const PublicHalf&>(version)) {
    return AnotherKey(version, "has another public half");
  }
  return MakeTokenPair(token_, {secret_key, public_key}, version, kwp_);
}

Result<void> Pkcs11Hsm::Destroy(const std::string& id) {
  Pkcs11Session session = TRY(token_->Session());
  for (const CK_OBJECT_HANDLE object : TRY(FindObjects(session, id))) {
    const CK_RV code = session->C_DestroyObject(session.raw(), object);
    if (code != CKR_OK) return HsmFailed("destroying a key", code);
  }
  return {};
}

}  // namespace assay::keys
