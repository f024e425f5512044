#include "agent/secret_handover.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "agent/secret_files.h"
#include "base/encoding.h"
#include "base/limits.h"

namespace assay::agent {
namespace {

constexpr std::string_view kVariable = "ASSAY_SECRET_";

// What an environment variable's name may hold (POSIX.1-2017, XBD 8.1), in both cases.
bool IsSecretName(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

SecretBytes AsEnvironmentText(const ReleasedKey& key) {
  if (key.kty != "oct") return AsFileContent(key);
  std::string text = Base64Encode(key.material.view());
  SecretBytes out(AsBytes(text));
  Cleanse(std::as_writable_bytes(std::span(text)));
  return out;
}

}  // namespace

Result<SecretOrder> ParseSecretOrder(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  if (equals == std::string_view::npos || !IsSecretName(name)) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("--secret: expected NAME=KEY or NAME=KEY,VERSION, found {}",
                            text.substr(0, 100)),
                "NAME has letters, digits and underscores; KEY is a key of the service's vault");
  }
  KeyAddress key = TRY(ParseKeyAddress(text.substr(equals + 1)));
  return SecretOrder{std::string(name), std::move(key)};
}

Result<std::vector<SecretOrder>> ParseSecretOrders(const std::vector<std::string>& texts) {
  if (texts.size() > limits::kAgentSecrets) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("--secret: expected at most {}", limits::kAgentSecrets));
  }
  std::vector<SecretOrder> out;
  for (const std::string& text : texts) {
    SecretOrder order = TRY(ParseSecretOrder(text));
    const auto same = [&order](const SecretOrder& other) { return other.name == order.name; };
    if (std::any_of(out.begin(), out.end(), same)) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("--secret: {} stands twice", order.name));
    }
    out.push_back(std::move(order));
  }
  return out;
}

Result<HandedSecrets> HandOver(const std::vector<SecretOrder>& orders,
                               const std::vector<ReleasedKey>& keys, const SecretPlaces& places) {
  HandedSecrets out;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const std::string variable = fmt::format("{}{}", kVariable, orders[i].name);
    if (places.in_environment) {
      out.owned.push_back(AsEnvironmentText(keys[i]));
      out.handed.push_back({variable, out.owned.back().view(), Handover::kEnvironment});
      continue;
    }
    SecretBytes content = AsFileContent(keys[i]);
    if (places.folder.empty()) {
      out.owned.push_back(std::move(content));
      out.handed.push_back({variable, out.owned.back().view(), Handover::kDescriptor});
      continue;
    }
    const SecretFolder folder = TRY(SecretFolder::Open(places.folder));
    const std::string path = TRY(folder.Write(orders[i].name, content.view())).string();
    // The path is no secret.
    out.owned.emplace_back(AsBytes(path));
    out.handed.push_back({variable + "_FILE", out.owned.back().view(), Handover::kEnvironment});
  }
  return out;
}

}  // namespace assay::agent
