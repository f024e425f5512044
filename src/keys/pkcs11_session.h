// What the sources over PKCS#11 share: sessions, templates and results. Included by them alone.
#pragma once

#include <p11-kit/pkcs11.h>

#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "keys/fault.h"
#include "keys/pkcs11_token.h"

namespace assay::keys {

struct Pkcs11Library {
  struct Closer {
    void operator()(void* opened) const;
  };
  std::unique_ptr<void, Closer> opened;
  CK_FUNCTION_LIST* call = nullptr;  // of what is opened
};

// Attributes and their values. Values may be secrets: they are cleansed with it.
class Pkcs11Template {
 public:
  Pkcs11Template& Flag(CK_ATTRIBUTE_TYPE type, bool value);
  Pkcs11Template& Number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
  Pkcs11Template& Octets(CK_ATTRIBUTE_TYPE type, View value);

  CK_ATTRIBUTE* data() { return attributes_.data(); }
  CK_ULONG size() const { return attributes_.size(); }

 private:
  std::deque<SecretBytes> values_;  // they do not move
  std::vector<CK_ATTRIBUTE> attributes_;
};

// One caller's session; idle again when this goes.
class Pkcs11Session {
 public:
  Pkcs11Session(std::shared_ptr<Pkcs11Token> token, CK_SESSION_HANDLE session)
      : token_(std::move(token)), session_(session) {}
  Pkcs11Session(Pkcs11Session&& other) noexcept = default;
  Pkcs11Session& operator=(Pkcs11Session&&) = delete;
  Pkcs11Session(const Pkcs11Session&) = delete;
  ~Pkcs11Session();

  CK_FUNCTION_LIST* operator->() const { return token_->library_->call; }
  CK_SESSION_HANDLE raw() const { return session_; }
  // An operation failed in it and may still be under way: it is closed, and not used again.
  void Spoil() { spoilt_ = true; }
  bool Has(CK_MECHANISM_TYPE mechanism) const;

  // At most `most` of them.
  Result<std::vector<CK_OBJECT_HANDLE>> Find(Pkcs11Template& wanted, std::size_t most);
  Result<Bytes> Octets(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
  Result<bool> Flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

  using Begin = CK_RV (*)(CK_SESSION_HANDLE, CK_MECHANISM*, CK_OBJECT_HANDLE);
  using Run = CK_RV (*)(CK_SESSION_HANDLE, CK_BYTE*, CK_ULONG, CK_BYTE*, CK_ULONG*);
  // One of C_Sign, C_Encrypt, C_Decrypt over all of `in`; the size of what stands in `out` then.
  Outcome<std::size_t> Perform(std::string_view what, Begin begin, Run run, CK_MECHANISM mechanism,
                               CK_OBJECT_HANDLE key, View in, std::span<std::byte> out);

 private:
  std::shared_ptr<Pkcs11Token> token_;  // null: it was moved away
  CK_SESSION_HANDLE session_;
  bool spoilt_ = false;
};

// An object that ends with the session's work.
class Pkcs11SessionObject {
 public:
  Pkcs11SessionObject(const Pkcs11Session& session, CK_OBJECT_HANDLE object)
      : session_(session), object_(object) {}
  ~Pkcs11SessionObject() { session_->C_DestroyObject(session_.raw(), object_); }
  Pkcs11SessionObject(const Pkcs11SessionObject&) = delete;
  Pkcs11SessionObject& operator=(const Pkcs11SessionObject&) = delete;
  CK_OBJECT_HANDLE get() const { return object_; }

 private:
  const Pkcs11Session& session_;
  const CK_OBJECT_HANDLE object_;
};

// The token cannot do that, whatever the data: a mechanism, a parameter, a size, a curve.
bool IsBeyondToken(CK_RV code);
// kIo; kInvalidArgument with a hint for a wrong PIN.
tl::unexpected<Error> HsmFailed(std::string_view what, CK_RV code);
// kNotSupported for what is beyond the token; else kUnavailable.
tl::unexpected<Fault> HsmRefused(std::string_view what, CK_RV code);

inline CK_BYTE* RawBytes(std::span<std::byte> bytes) {
  return reinterpret_cast<CK_BYTE*>(bytes.data());
}
inline CK_BYTE* RawBytes(Bytes& bytes) { return reinterpret_cast<CK_BYTE*>(bytes.data()); }
// PKCS#11 reads through pointers that are not const.
inline CK_BYTE* RawBytes(View bytes) {
  return reinterpret_cast<CK_BYTE*>(const_cast<std::byte*>(bytes.data()));
}

}  // namespace assay::keys
