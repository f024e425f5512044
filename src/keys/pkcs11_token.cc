#include "keys/pkcs11_token.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "base/limits.h"
#include "keys/pkcs11_session.h"

namespace assay::keys {
namespace {

// Labels are padded with blanks (v2.40 §3.2).
bool HasLabel(const CK_TOKEN_INFO& info, std::string_view label) {
  std::string_view found(reinterpret_cast<const char*>(info.label), sizeof info.label);
  const std::size_t end = found.find_last_not_of(' ');
  return found.substr(0, end == std::string_view::npos ? 0 : end + 1) == label;
}

Result<CK_SLOT_ID> SlotOf(const CK_FUNCTION_LIST& functions, std::string_view label) {
  CK_ULONG count = 0;
  CK_RV code = functions.C_GetSlotList(CK_TRUE, nullptr, &count);
  if (code != CKR_OK || count > limits::kHsmSlots) return HsmFailed("listing tokens", code);
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

void Pkcs11Library::Closer::operator()(void* handle) const { dlclose(handle); }

Pkcs11Token::Pkcs11Token(std::unique_ptr<const Pkcs11Library> library, std::string label)
    : library_(std::move(library)), label_(std::move(label)) {}

Result<std::shared_ptr<Pkcs11Token>> Pkcs11Token::Open(Pkcs11Options options) {
  auto library = std::make_unique<Pkcs11Library>();
  library->opened.reset(dlopen(options.module.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!library->opened) {
    const char* const why = dlerror();
    return Fail(ErrorCode::kIo,
                fmt::format("HSM: {} cannot be loaded: {}", options.module, why ? why : ""));
  }
  const auto list =
      reinterpret_cast<CK_C_GetFunctionList>(dlsym(library->opened.get(), "C_GetFunctionList"));
  if (list == nullptr || list(&library->call) != CKR_OK || library->call == nullptr) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("HSM: {} is no PKCS#11 module", options.module));
  }
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV code = library->call->C_Initialize(&arguments);
  if (code != CKR_OK) return HsmFailed("initialising the module", code);
  std::shared_ptr<Pkcs11Token> out(new Pkcs11Token(std::move(library), options.token));
  TRY_VOID(out->LogIn(options));
  return out;
}

Pkcs11Token::~Pkcs11Token() { library_->call->C_Finalize(nullptr); }  // closes its sessions, too

Result<Pkcs11Token::Handle> Pkcs11Token::OpenSession() {
  CK_SESSION_HANDLE out = 0;
  const CK_RV code = library_->call->C_OpenSession(slot_, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                                   nullptr, nullptr, &out);
  if (code != CKR_OK) return HsmFailed("opening a session", code);
  return out;
}

Result<void> Pkcs11Token::LogIn(const Pkcs11Options& options) {
  slot_ = TRY(SlotOf(*library_->call, options.token));
  login_ = TRY(OpenSession());
  const CK_RV code =
      library_->call->C_Login(login_, CKU_USER, RawBytes(options.pin.view()), options.pin.size());
  if (code != CKR_OK) return HsmFailed("logging in", code);
  return {};
}

Result<Pkcs11Session> Pkcs11Token::Session() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      const Handle out = idle_.back();
      idle_.pop_back();
      return Pkcs11Session(shared_from_this(), out);
    }
  }
  const Handle out = TRY(OpenSession());
  return Pkcs11Session(shared_from_this(), out);
}

void Pkcs11Token::GiveBack(Handle session) {
  {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < limits::kHsmSessionsKept) {
      idle_.push_back(session);
      return;
    }
  }
  library_->call->C_CloseSession(session);
}

}  // namespace assay::keys
