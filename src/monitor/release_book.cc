#include "monitor/release_book.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace assay::monitor {

Bytes ReleaseBook::Key(std::string_view name) const {
  return ToBytes(AsBytes(fmt::format("release/{}/{}", fleet_, name)));
}

Result<std::optional<Release>> ReleaseBook::Find(std::string_view name) {
  const auto entry = TRY(store_.Get(Key(name)));
  if (!entry) return std::nullopt;
  return TRY(ReleaseFromJson(AsText(entry->value)));
}

Result<std::vector<Release>> ReleaseBook::List() {
  std::vector<Release> out;
  for (const store::Entry& entry : TRY(store::ScanAll(store_, Key("")))) {
    out.push_back(TRY(ReleaseFromJson(AsText(entry.value))));
  }
  return out;
}

Result<void> ReleaseBook::Set(const Release& release) {
  const auto before = TRY(store_.Get(Key(release.name)));
  if (!before && TRY(List()).size() >= limits::kReleases) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a provider has at most {} releases", limits::kReleases));
  }
  store::Batch batch;
  batch.expectations.push_back({Key(release.name), before ? before->version : 0});
  batch.puts.push_back({Key(release.name), ToBytes(AsBytes(json::Write(ReleaseJson(release))))});
  TRY(store_.Commit(batch));
  return {};
}

Result<void> ReleaseBook::Delete(std::string_view name) {
  store::Batch batch;
  batch.deletes.push_back(Key(name));
  TRY(store_.Commit(batch));
  return {};
}

}  // namespace assay::monitor
