// What an enrolment established, as it travels with the client.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "monitor/enrolment.h"

namespace assay::monitor {

struct EnrolmentState {
  std::string id;  // random: what is remembered of a used one
  Time expires{};
  Enrolled enrolled;
  Bytes ak_name;
  Bytes secret_digest;  // SHA-256 of the credential's secret; empty where a nonce is quoted
  Bytes nonce;
};

// base64url(JSON) "." base64url(HMAC-SHA256 of the JSON).
std::string SealState(const EnrolmentState& state, View key);
// Nothing for what was not sealed under `key`. What it reads was written by SealState.
std::optional<EnrolmentState> OpenState(std::string_view sealed, View key);

}  // namespace assay::monitor
