// One function per resource of the key vault; key_routes.cc says which path leads where.
#pragma once

#include <optional>
#include <string_view>

#include "api/error.h"
#include "api/key_service.h"
#include "keys/operations.h"
#include "net/http_server.h"

namespace assay {

// A request that the gate let through.
struct KeyCall {
  const HttpRequest& request;
  KeyService& service;
  std::string_view name;     // of a key, or the id of a recovery
  std::string_view version;  // empty: the current one
  std::string_view subject;  // who was let through; empty: nobody in particular
  std::string_view actor;    // the same, for the record
};

// keys_create.cc
HttpResponse CreateKey(const KeyCall& call);
HttpResponse ImportKey(const KeyCall& call);
// keys_read.cc
HttpResponse GetKey(const KeyCall& call);
HttpResponse GetKeyAttestation(const KeyCall& call);
HttpResponse ListKeys(const KeyCall& call);
HttpResponse ListKeyVersions(const KeyCall& call);
HttpResponse GetDeletedKey(const KeyCall& call);
HttpResponse ListDeletedKeys(const KeyCall& call);
// keys_change.cc
HttpResponse UpdateKey(const KeyCall& call);
HttpResponse RotateKey(const KeyCall& call);
HttpResponse GetKeyRotationPolicy(const KeyCall& call);
HttpResponse UpdateKeyRotationPolicy(const KeyCall& call);
HttpResponse DeleteKey(const KeyCall& call);
HttpResponse RecoverDeletedKey(const KeyCall& call);
HttpResponse PurgeDeletedKey(const KeyCall& call);
HttpResponse BackupKey(const KeyCall& call);
HttpResponse RestoreKey(const KeyCall& call);
// keys_use.cc
HttpResponse PerformKeyOperation(const KeyCall& call, keys::Operation operation);
HttpResponse GetRandomBytes(const KeyCall& call);
// keys_release.cc
HttpResponse ReleaseKey(const KeyCall& call);
// keys_recover.cc
HttpResponse RequestRecovery(const KeyCall& call);
HttpResponse GetRecovery(const KeyCall& call);
HttpResponse ListRecoveries(const KeyCall& call);
HttpResponse ApproveRecovery(const KeyCall& call);
HttpResponse CompleteRecovery(const KeyCall& call);

// The refusal of an api-version that is missing or unknown.
std::optional<ApiError> CheckKeyVersion(const HttpRequest& request);

}  // namespace assay
