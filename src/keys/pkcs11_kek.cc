#include "keys/pkcs11_kek.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <p11-kit/pkcs11.h>

#include <array>
#include <mutex>
#include <vector>

#include "base/encoding.h"
#include "crypto/aes_gcm.h"
#include "crypto/signing_key.h"

namespace assay::keys {
namespace {

constexpr std::string_view kKekLabel = "assay-kek";
constexpr std::size_t kKekIdBytes = 16;
constexpr CK_ULONG kKekValueBytes = 32;
// Tokens of one module; racks have tens.
constexpr CK_ULONG kMostSlots = 1024;

tl::unexpected<Error> HsmFailed(std::string_view what, CK_RV code) {
  const bool wrong_pin = code == CKR_PIN_INCORRECT || code == CKR_PIN_LOCKED;
  return Fail(wrong_pin ? ErrorCode::kInvalidArgument : ErrorCode::kIo,
              fmt::format("HSM: {} failed with 0x{:x}", what, code),
              wrong_pin ? "give the PIN of the token's user" : "");
}

template <typename T>
CK_ATTRIBUTE Attribute(CK_ATTRIBUTE_TYPE type, T& value) {
  return {type, &value, sizeof value};
}
CK_ATTRIBUTE Attribute(CK_ATTRIBUTE_TYPE type, Bytes& value) {
  return {type, value.data(), value.size()};
}

CK_BYTE_PTR RawBytes(Bytes& bytes) { return reinterpret_cast<CK_BYTE_PTR>(bytes.data()); }

struct LibraryCloser {
  void operator()(void* library) const { dlclose(library); }
};
using LibraryPtr = std::unique_ptr<void, LibraryCloser>;

// Labels are padded with blanks (v2.40 §3.2).
bool HasLabel(const CK_TOKEN_INFO& info, std::string_view label) {
  std::string_view found(reinterpret_cast<const char*>(info.label), sizeof info.label);
  const std::size_t end = found.find_last_not_of(' ');
  return found.substr(0, end == std::string_view::npos ? 0 : end + 1) == label;
}

Result<CK_SLOT_ID> SlotOf(const CK_FUNCTION_LIST& functions, std::string_view label) {
  CK_ULONG count = 0;
  CK_RV code = functions.C_GetSlotList(CK_TRUE, nullptr, &count);
  if (code != CKR_OK || count > kMostSlots) return HsmFailed("listing tokens", code);
  std::vector<CK_SLOT_ID> slots(count);
  code = functions.C_GetSlotList(CK_TRUE, slots.data(), &count);
  if (code != CKR_OK) return HsmFailed("listing tokens", code);
  slots.resize(count);
  for (const CK_SLOT_ID slot : slots) {
    CK_TOKEN_INFO info{};
    if (functions.C_GetTokenInfo(slot, &info) == CKR_OK && HasLabel(info, label)) return slot;
  }
  return Fail(ErrorCode::kMissing, fmt::format("HSM: there is no token labelled {}", label),
              "pkcs11-tool --list-tokens shows those that are there");
}

}  // namespace

// A session that is logged in. Operations of a session are one at a time, and KEKs are used seldom.
class Pkcs11Keks::Token {
 public:
  Token(LibraryPtr library, CK_FUNCTION_LIST* functions)
      : library_(std::move(library)), functions_(functions) {}
  ~Token() { functions_->C_Finalize(nullptr); }  // closes its sessions, too
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  Result<void> LogIn(const Pkcs11Options& options) {
    const CK_SLOT_ID slot = TRY(SlotOf(*functions_, options.token));
    CK_RV code = functions_->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr,
                                           nullptr, &session_);
    if (code != CKR_OK) return HsmFailed("opening a session", code);
    SecretBytes pin(options.pin.view());
    code = functions_->C_Login(
        session_, CKU_USER, reinterpret_cast<CK_UTF8CHAR_PTR>(pin.writable().data()), pin.size());
    if (code != CKR_OK) return HsmFailed("logging in", code);
    return {};
  }

  Result<CK_OBJECT_HANDLE> Generate(Bytes id) {
    const std::lock_guard lock(mutex_);
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ULONG size = kKekValueBytes;
    Bytes label = ToBytes(AsBytes(kKekLabel));
    std::array attributes = {
        Attribute(CKA_TOKEN, yes),      Attribute(CKA_PRIVATE, yes), Attribute(CKA_SENSITIVE, yes),
        Attribute(CKA_EXTRACTABLE, no), Attribute(CKA_ENCRYPT, yes), Attribute(CKA_DECRYPT, yes),
        Attribute(CKA_VALUE_LEN, size), Attribute(CKA_LABEL, label), Attribute(CKA_ID, id)};
    CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
    CK_OBJECT_HANDLE key = 0;
    const CK_RV code =
        functions_->C_GenerateKey(session_, &mechanism, attributes.data(), attributes.size(), &key);
    if (code != CKR_OK) return HsmFailed("making a key", code);
    return key;
  }

  Result<CK_OBJECT_HANDLE> Find(Bytes id) {
    const std::lock_guard lock(mutex_);
    CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    Bytes label = ToBytes(AsBytes(kKekLabel));
    std::array wanted = {Attribute(CKA_CLASS, secret), Attribute(CKA_KEY_TYPE, type),
                         Attribute(CKA_LABEL, label), Attribute(CKA_ID, id)};
    CK_RV code = functions_->C_FindObjectsInit(session_, wanted.data(), wanted.size());
    if (code != CKR_OK) return HsmFailed("looking for a key", code);
    std::array<CK_OBJECT_HANDLE, 2> found{};
    CK_ULONG count = 0;
    code = functions_->C_FindObjects(session_, found.data(), found.size(), &count);
    functions_->C_FindObjectsFinal(session_);
    if (code != CKR_OK) return HsmFailed("looking for a key", code);
    if (count != 1) {
      return Fail(ErrorCode::kMissing, fmt::format("HSM: expected one key {} of id {}, found {}",
                                                   kKekLabel, HexEncode(id), count));
    }
    TRY_VOID(CheckStays(found[0]));
    return found[0];
  }

  // iv ‖ what C_Encrypt gives: ciphertext and tag.
  Result<Bytes> Encrypt(CK_OBJECT_HANDLE key, View context, const SecretBytes& secret) {
    Bytes iv = TRY(RandomBytes(kGcmIvBytes));
    SecretBytes plain(secret.view());
    Bytes out(secret.size() + kGcmTagBytes);
    TRY(Crypt(true, key, context, iv, plain.writable(), out));
    iv.insert(iv.end(), out.begin(), out.end());
    return iv;
  }

  Result<SecretBytes> Decrypt(CK_OBJECT_HANDLE key, View context, View wrapped) {
    if (wrapped.size() < kGcmIvBytes + kGcmTagBytes) {
      return Fail(ErrorCode::kMalformed, "HSM: a wrapped key is too short");
    }
    Bytes iv = ToBytes(wrapped.first(kGcmIvBytes));
    Bytes text = ToBytes(wrapped.subspan(kGcmIvBytes));
    SecretBytes out(text.size());
    const std::size_t size = TRY(Crypt(false, key, context, iv, text, out.writable()));
    return SecretBytes(out.view().first(size));
  }

 private:
  // What could be read out of the HSM would be no better than a file.
  Result<void> CheckStays(CK_OBJECT_HANDLE key) {
    CK_BBOOL sensitive = CK_FALSE;
    CK_BBOOL extractable = CK_TRUE;
    std::array attributes = {Attribute(CKA_SENSITIVE, sensitive),
                             Attribute(CKA_EXTRACTABLE, extractable)};
    const CK_RV code =
        functions_->C_GetAttributeValue(session_, key, attributes.data(), attributes.size());
    if (code != CKR_OK) return HsmFailed("reading a key's attributes", code);
    if (sensitive == CK_TRUE && extractable == CK_FALSE) return {};
    return Fail(ErrorCode::kInvalidArgument,
                "HSM: the key-encryption key can be read out: expected CKA_SENSITIVE and not "
                "CKA_EXTRACTABLE");
  }

  Result<std::size_t> Crypt(bool encrypt, CK_OBJECT_HANDLE key, View context, Bytes& iv,
                            std::span<std::byte> in, std::span<std::byte> out) {
    const std::lock_guard lock(mutex_);
    Bytes aad = ToBytes(context);
    CK_GCM_PARAMS gcm{};
    gcm.pIv = RawBytes(iv);
    gcm.ulIvLen = iv.size();
    gcm.ulIvBits = iv.size() * 8;
    gcm.pAAD = RawBytes(aad);
    gcm.ulAADLen = aad.size();
    gcm.ulTagBits = kGcmTagBytes * 8;
    CK_MECHANISM mechanism{CKM_AES_GCM, &gcm, sizeof gcm};
    CK_RV code = encrypt ? functions_->C_EncryptInit(session_, &mechanism, key)
                         : functions_->C_DecryptInit(session_, &mechanism, key);
    if (code != CKR_OK) return HsmFailed("beginning AES-GCM", code);
    auto* const source = reinterpret_cast<CK_BYTE_PTR>(in.data());
    auto* const target = reinterpret_cast<CK_BYTE_PTR>(out.data());
    CK_ULONG size = out.size();
    code = encrypt ? functions_->C_Encrypt(session_, source, in.size(), target, &size)
                   : functions_->C_Decrypt(session_, source, in.size(), target, &size);
    if (code == CKR_OK) return std::size_t{size};
    if (!encrypt) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("HSM: this was not wrapped by that key (0x{:x})", code));
    }
    return HsmFailed("AES-GCM", code);
  }

  const LibraryPtr library_;
  CK_FUNCTION_LIST* const functions_;
  CK_SESSION_HANDLE session_ = 0;
  std::mutex mutex_;  // for operations of the session
};

class Pkcs11Kek final : public KeyEncryptionKey {
 public:
  Pkcs11Kek(std::shared_ptr<Pkcs11Keks::Token> token, std::string id, CK_OBJECT_HANDLE key)
      : token_(std::move(token)), id_(std::move(id)), key_(key) {}

  std::string id() const override { return id_; }
  Result<Bytes> Wrap(View context, const SecretBytes& secret) override {
    return token_->Encrypt(key_, context, secret);
  }
  Result<SecretBytes> Unwrap(View context, View wrapped) override {
    return token_->Decrypt(key_, context, wrapped);
  }

 private:
  const std::shared_ptr<Pkcs11Keks::Token> token_;
  const std::string id_;
  const CK_OBJECT_HANDLE key_;
};

Pkcs11Keks::~Pkcs11Keks() = default;

Result<std::unique_ptr<Pkcs11Keks>> Pkcs11Keks::Open(Pkcs11Options options) {
  LibraryPtr library(dlopen(options.module.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!library) {
    const char* const why = dlerror();
    return Fail(ErrorCode::kIo,
                fmt::format("HSM: {} cannot be loaded: {}", options.module, why ? why : ""));
  }
  const auto list =
      reinterpret_cast<CK_C_GetFunctionList>(dlsym(library.get(), "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  if (list == nullptr || list(&functions) != CKR_OK || functions == nullptr) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("HSM: {} is no PKCS#11 module", options.module));
  }
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = functions->C_Initialize(&arguments);
  if (code != CKR_OK) return HsmFailed("initialising the module", code);
  auto token = std::make_shared<Token>(std::move(library), functions);
  TRY_VOID(token->LogIn(options));
  return std::unique_ptr<Pkcs11Keks>(new Pkcs11Keks(std::move(token)));
}

Result<KekPtr> Pkcs11Keks::Make() {
  const Bytes id = TRY(RandomBytes(kKekIdBytes));
  const CK_OBJECT_HANDLE key = TRY(token_->Generate(id));
  return std::make_shared<Pkcs11Kek>(token_, HexEncode(id), key);
}

Result<KekPtr> Pkcs11Keks::Find(const std::string& id) {
  const Bytes raw = TRY(HexDecode(id));
  if (raw.size() != kKekIdBytes) {
    return Fail(ErrorCode::kMalformed, "key-encryption key: expected an id of 32 digits");
  }
  return std::make_shared<Pkcs11Kek>(token_, id, TRY(token_->Find(raw)));
}

}  // namespace assay::keys
