#include "keys/pkcs11_session.h"

#include <fmt/format.h>

#include <array>

#include "base/work_pool.h"

namespace assay::keys {
namespace {

// The token, or what leads to it, does not answer.
bool IsDown(CK_RV code) {
  switch (code) {
    case CKR_HOST_MEMORY:
    case CKR_DEVICE_ERROR:
    case CKR_DEVICE_MEMORY:
    case CKR_DEVICE_REMOVED:
    case CKR_KEY_HANDLE_INVALID:
    case CKR_OBJECT_HANDLE_INVALID:
    case CKR_SESSION_CLOSED:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_CRYPTOKI_NOT_INITIALIZED: return true;
    default: return false;
  }
}

}  // namespace

bool IsBeyondToken(CK_RV code) {
  switch (code) {
    case CKR_ARGUMENTS_BAD:  // SoftHSM 2.6.1, of OAEP with another hash than SHA-1
    case CKR_ATTRIBUTE_TYPE_INVALID:
    case CKR_ATTRIBUTE_VALUE_INVALID:
    case CKR_CURVE_NOT_SUPPORTED:
    case CKR_DOMAIN_PARAMS_INVALID:
    case CKR_FUNCTION_NOT_SUPPORTED:
    case CKR_FUNCTION_REJECTED:
    case CKR_KEY_FUNCTION_NOT_PERMITTED:
    case CKR_KEY_NOT_WRAPPABLE:
    case CKR_KEY_SIZE_RANGE:
    case CKR_KEY_TYPE_INCONSISTENT:
    case CKR_MECHANISM_INVALID:
    case CKR_MECHANISM_PARAM_INVALID:
    case CKR_TEMPLATE_INCONSISTENT: return true;
    default: return false;
  }
}

tl::unexpected<Error> HsmFailed(std::string_view what, CK_RV code) {
  const bool wrong_pin = code == CKR_PIN_INCORRECT || code == CKR_PIN_LOCKED;
  return Fail(wrong_pin ? ErrorCode::kInvalidArgument : ErrorCode::kIo,
              fmt::format("HSM: {} failed with 0x{:x}", what, code),
              wrong_pin ? "give the PIN of the token's user" : "");
}

tl::unexpected<Fault> HsmRefused(std::string_view what, CK_RV code) {
  if (!IsBeyondToken(code)) return tl::unexpected<Fault>(Fault(HsmFailed(what, code).value()));
  return Refuse(FaultKind::kNotSupported,
                fmt::format("the HSM that holds the key cannot do {} (0x{:x})", what, code));
}

Pkcs11Template& Pkcs11Template::Octets(CK_ATTRIBUTE_TYPE type, View value) {
  SecretBytes& kept = values_.emplace_back(value);
  attributes_.push_back({type, kept.writable().data(), kept.size()});
  return *this;
}

Pkcs11Template& Pkcs11Template::Flag(CK_ATTRIBUTE_TYPE type, bool value) {
  const CK_BBOOL raw = value ? CK_TRUE : CK_FALSE;
  return Octets(type, std::as_bytes(std::span(&raw, 1)));
}

Pkcs11Template& Pkcs11Template::Number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  return Octets(type, std::as_bytes(std::span(&value, 1)));
}

Pkcs11Session::~Pkcs11Session() {
  if (!token_) return;
  if (spoilt_) {
    (*this)->C_CloseSession(session_);
  } else {
    token_->GiveBack(session_);
  }
}

bool Pkcs11Session::Has(CK_MECHANISM_TYPE mechanism) const {
  CK_MECHANISM_INFO info{};
  return (*this)->C_GetMechanismInfo(token_->slot_, mechanism, &info) == CKR_OK;
}

Result<std::vector<CK_OBJECT_HANDLE>> Pkcs11Session::Find(Pkcs11Template& wanted,
                                                          std::size_t most) {
  CK_FUNCTION_LIST& call = *operator->();
  CK_RV code = call.C_FindObjectsInit(session_, wanted.data(), wanted.size());
  if (code != CKR_OK) return HsmFailed("looking for a key", code);
  std::vector<CK_OBJECT_HANDLE> out(most);
  CK_ULONG count = 0;
  code = call.C_FindObjects(session_, out.data(), out.size(), &count);
  call.C_FindObjectsFinal(session_);
  if (code != CKR_OK) return HsmFailed("looking for a key", code);
  out.resize(count);
  return out;
}

Result<Bytes> Pkcs11Session::Octets(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  // The largest that is read: the modulus of RSA 16384.
  Bytes out(2048);
  CK_ATTRIBUTE attribute{type, out.data(), out.size()};
  const CK_RV code = (*this)->C_GetAttributeValue(session_, object, &attribute, 1);
  if (code != CKR_OK || attribute.ulValueLen > out.size()) {
    return HsmFailed("reading a key's attributes", code);
  }
  out.resize(attribute.ulValueLen);
  return out;
}

Result<bool> Pkcs11Session::Flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  const Bytes raw = TRY(Octets(object, type));
  return raw.size() == sizeof(CK_BBOOL) && ToU8(raw[0]) != CK_FALSE;
}

Outcome<std::size_t> Pkcs11Session::Perform(std::string_view what, Begin begin, Run run,
                                            CK_MECHANISM mechanism, CK_OBJECT_HANDLE key, View in,
                                            std::span<std::byte> out) {
  const WaitsOutside waits;  // for a device, which may be on the network
  CK_RV code = begin(session_, &mechanism, key);
  if (code != CKR_OK) return HsmRefused(what, code);
  CK_ULONG size = out.size();
  code = run(session_, RawBytes(in), in.size(), RawBytes(out), &size);
  if (code == CKR_OK && size <= out.size()) return std::size_t{size};
  Spoil();
  if (IsDown(code)) return HsmRefused(what, code);
  // One error for whatever is wrong with the data: what differs would help to guess.
  return Refuse(FaultKind::kBadParameter, fmt::format("the HSM refused this as input of {}", what));
}

}  // namespace assay::keys
