// Why the vault refuses, as data: clients branch on it. What cannot be judged at all (the store
// does not answer, a library fails) is one of the kinds, so that an operation has one way out.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace assay::keys {

enum class FaultKind {
  kBadParameter,        // the request is wrong
  kNotFound,            // no such key or version
  kDeleted,             // its name is held by a deleted key
  kExists,              // it is there already
  kConflict,            // others changed it meanwhile, again and again
  kDisabled,            // attributes.enabled is false
  kNotYetValid,         // before attributes.nbf
  kExpired,             // after attributes.exp
  kOperationForbidden,  // key_ops lacks it
  kNotExportable,       // attributes.exportable is false
  kImmutable,           // of a release policy
  kForbidden,           // by those who would have to agree
  kNotSupported,        // what this vault cannot do, like keys in an HSM
  kUnavailable,         // the store or the key-encryption key does not answer
  kInternal,
};

struct Fault {
  Fault(FaultKind its_kind, std::string its_message)
      : kind(its_kind), message(std::move(its_message)) {}
  Fault(Error error);  // of a library below; not explicit, for TRY

  FaultKind kind;
  std::string message;
};

template <typename T>
using Outcome = tl::expected<T, Fault>;

inline tl::unexpected<Fault> Refuse(FaultKind kind, std::string message) {
  return tl::unexpected<Fault>(Fault(kind, std::move(message)));
}

std::string_view Name(FaultKind kind);  // for logs: "disabled"

}  // namespace assay::keys
