// A vault's keys as objects of a token: their templates, and how they are found again. Included by
// sources over PKCS#11 alone.
//
// A key is a token object with the label "assay-key"; its CKA_ID is the id that the vault drew. RSA
// and EC keys are two, of class CKO_PUBLIC_KEY and CKO_PRIVATE_KEY; oct keys are one of class
// CKO_SECRET_KEY and type CKK_AES. What is private is sensitive, and extractable only if the key is
// exportable.
#pragma once

#include <string>

#include "keys/key.h"
#include "keys/key_material.h"
#include "keys/pkcs11_session.h"

namespace assay::keys {

// The attributes that both a generated and an imported object have.
Result<Pkcs11Template> PublicTemplate(const std::string& id, KeyKind kind);
Result<Pkcs11Template> PrivateTemplate(const std::string& id, KeyKind kind, bool exportable);

// DER of the curve's object identifier (CKA_EC_PARAMS).
Bytes EcParameters(NamedCurve curve);
// DER OCTET STRING of the uncompressed point (CKA_EC_POINT).
Bytes EcPointAttribute(const EcPublicParts& point);
// Of an object of class CKO_PUBLIC_KEY. It is checked as a stranger's would be.
Result<PublicHalf> ReadPublicHalf(Pkcs11Session& session, CK_OBJECT_HANDLE object,
                                  const KeySpec& spec);

// All of that id.
Result<std::vector<CK_OBJECT_HANDLE>> FindObjects(Pkcs11Session& session, const std::string& id);
// The one of that class; kMissing where there is none or more.
Result<CK_OBJECT_HANDLE> FindObject(Pkcs11Session& session, const std::string& id,
                                    CK_OBJECT_CLASS object_class);

}  // namespace assay::keys
