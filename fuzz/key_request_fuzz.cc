// Requests to the key vault from whoever may use it: the first line is method and target, the rest
// the body. Then the same bytes as a backup and as a rotation policy.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/key_routes.h"
#include "keys/testing.h"

namespace {

using namespace assay;

// One for all inputs, so that later ones meet the keys of earlier ones.
struct FuzzedVault {
  FuzzedVault() {
    vault.MakeEc("ec");
    static_cast<void>(vault.vault->Create("oct", {keys::KeyKind::kOct, 256}, {}, keys::kNoon));
  }

  keys::TestVault vault;
  KeyService service{*vault.vault, "https://vault", [] { return keys::kNoon; }, {}};
  Gate gate = GateWithoutIdentities(true);
};

HttpRequest RequestOf(std::string_view text) {
  HttpRequest out;
  const std::size_t line = std::min(text.find('\n'), text.size());
  std::string_view head = text.substr(0, line);
  out.body = text.substr(std::min(line + 1, text.size()));
  const std::size_t space = std::min(head.find(' '), head.size());
  out.method = head.substr(0, space);
  head.remove_prefix(std::min(space + 1, head.size()));
  const std::size_t mark = std::min(head.find('?'), head.size());
  out.path = head.substr(0, mark);
  out.query = "api-version=7.5&";
  out.query += head.substr(std::min(mark + 1, head.size()));
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  static FuzzedVault it;
  const HttpRequest request = RequestOf(text);
  // An RSA key takes seconds under sanitizers, and reads no more of the input.
  if (IsKeyPath(request.path) && request.body.find("RSA") == std::string::npos) {
    const HttpResponse response = RouteKeys(it.service, it.gate, request, nullptr);
    if (response.status >= 500) __builtin_trap();  // whatever comes, it is judged
  }
  if (it.vault.vault->Restore(AsBytes(text), keys::kNoon)) __builtin_trap();
  const auto document = json::Parse(text);
  if (document) {
    const auto policy = keys::ParseRotationPolicy(*document);
    if (policy) static_cast<void>(keys::RotationDue(*policy, {}));
  }
  return 0;
}
