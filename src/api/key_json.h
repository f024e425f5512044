// Keys as Key Vault's API writes and reads them.
#pragma once

#include <string>
#include <string_view>

#include "api/error.h"
#include "api/key_resources.h"
#include "base/json.h"
#include "keys/vault.h"

namespace assay {

// "https://vault/keys/NAME/VERSION"; without a version where it is empty.
std::string KeyId(const KeyService& service, std::string_view name, std::string_view version);

// KeyBundle, with the public half alone.
json::Object KeyBundleJson(const KeyService& service, const keys::KeyVersion& key);
// KeyItem: of a list of versions with, of a list of keys without the version in `kid`.
json::Object KeyItemJson(const KeyService& service, const keys::KeyVersion& key, bool versioned);
// What a deleted key has beside that.
void AddDeletion(const KeyService& service, const keys::DeletedKey& key, json::Object& out);

// `attributes`, `tags`, `release_policy` and `key_ops` of a request's body.
keys::Outcome<keys::KeyProperties> ReadKeyProperties(const json::Value& body);
// The body, an object.
keys::Outcome<json::Value> KeyBodyOf(const HttpRequest& request);
// Base64url; empty where it is absent.
keys::Outcome<Bytes> KeyBytes(const json::Value& body, std::string_view name);

HttpResponse KeyFaultResponse(const KeyService& service, const keys::Fault& fault);

}  // namespace assay
