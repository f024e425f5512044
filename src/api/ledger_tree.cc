#include "api/ledger_tree.h"

#include <fmt/format.h>

#include "api/error.h"
#include "api/resources.h"
#include "base/limits.h"
#include "ledger/published_tree.h"

namespace assay {
namespace {

HttpResponse Cached(HttpResponse response, std::chrono::seconds fresh, std::string_view more) {
  response.headers.emplace_back(
      "Cache-Control", fmt::format("public, max-age={}{}", std::int64_t{fresh.count()}, more));
  return response;
}

HttpResponse NoFile(std::string message) {
  return ToResponse({404, "NotFound", std::move(message), {}});
}

HttpResponse CannotBeRead() {
  return ToResponse({500, "InternalError", "the ledger's tree cannot be read: see the log", {}});
}

}  // namespace

Result<std::optional<std::string>> LedgerTree::Cosigned() const {
  if (quorum_.needed == 0) return std::nullopt;
  return witness::ReadPublication(store_, log_, quorum_);
}

HttpResponse LedgerTree::Checkpoint() const {
  HttpResponse out;
  out.content_type = "text/plain; charset=utf-8";
  if (quorum_.needed == 0) {
    out.body = in_force_();
  } else {
    auto published = Cosigned();
    if (!published) return CannotBeRead();
    if (!*published) {
      return NoFile(
          fmt::format("no checkpoint has the cosignatures of {} witnesses yet", quorum_.needed));
    }
    out.body = std::move(**published);
  }
  return Cached(std::move(out), limits::kCheckpointFresh, "");
}

HttpResponse LedgerTree::File(std::string_view path) const {
  const auto parsed = ledger::ParseTreePath(path);
  if (!parsed) return NoFile("there is no such tile");
  const auto content = ledger::ReadTreeFileFrom(store_, *parsed);
  if (!content && content.error().code == ErrorCode::kMissing) {
    return NoFile(content.error().message);
  }
  if (!content) return CannotBeRead();
  HttpResponse out;
  out.content_type = "application/octet-stream";
  out.body = AsText(*content);
  return Cached(std::move(out), limits::kTileFresh, ", immutable");
}

HttpResponse GetLedgerCheckpoint(const Call& call) { return call.ledger->tree().Checkpoint(); }

HttpResponse GetLedgerTile(const Call& call) {
  return call.ledger->tree().File("tile/" + std::string(call.parameter));
}

}  // namespace assay
