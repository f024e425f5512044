// A token of an HSM, by PKCS#11 (OASIS PKCS #11 v2.40), and sessions with it.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"

namespace assay::keys {

struct Pkcs11Options {
  std::string module;  // path of the vendor's library
  std::string token;   // label
  SecretBytes pin;     // of its user
};

struct Pkcs11Library;  // the vendor's, loaded (pkcs11_session.h)
class Pkcs11Session;

// Logged in as long as it lives. One in a process: the login is the process's. Safe for concurrent
// use: each thread works in a session of its own.
class Pkcs11Token : public std::enable_shared_from_this<Pkcs11Token> {
 public:
  static Result<std::shared_ptr<Pkcs11Token>> Open(Pkcs11Options options);
  ~Pkcs11Token();
  Pkcs11Token(const Pkcs11Token&) = delete;
  Pkcs11Token& operator=(const Pkcs11Token&) = delete;

  // For the operations of one caller (pkcs11_session.h).
  Result<Pkcs11Session> Session();
  const std::string& label() const { return label_; }

 private:
  friend class Pkcs11Session;
  using Handle = unsigned long;  // CK_ULONG

  Pkcs11Token(std::unique_ptr<const Pkcs11Library> library, std::string label);
  Result<void> LogIn(const Pkcs11Options& options);
  Result<Handle> OpenSession();
  void GiveBack(Handle session);

  const std::unique_ptr<const Pkcs11Library> library_;
  const std::string label_;
  Handle slot_ = 0;
  Handle login_ = 0;          // a session that stays open: with the last one the login ends
  std::mutex mutex_;          // guards idle_
  std::vector<Handle> idle_;  // sessions that nobody works in
};

}  // namespace assay::keys
