#include "collateral/keeper.h"

#include <fmt/format.h>

#include "base/work_pool.h"
#include "collateral/issuers.h"

namespace assay {
namespace {

// Another process may renew the store: without a fetcher, it is read again after this long.
constexpr std::chrono::seconds kReread{60};
// A piece near its end is not asked for more often than this, when its host has nothing newer yet.
constexpr std::chrono::hours kBeforeEnd{1};
// How long a request waits for another's answer when too many wait already.
constexpr std::chrono::seconds kShortWait{1};

bool IsCertificate(CollateralPiece kind) {
  return kind == CollateralPiece::kAmdLeaf || kind == CollateralPiece::kAmdChain;
}

Error Busy(const Piece& piece) {
  return {ErrorCode::kIo,
          fmt::format("GET {}: not asked: {} appraisals wait for collateral already", piece.url,
                      limits::kWaitingForHosts),
          "try again"};
}

Error WithUrl(const Piece& piece, Error error) {
  error.message = fmt::format("GET {}: {}", piece.url, error.message);
  return error;
}

}  // namespace

Time PieceKeeper::DueAt(CollateralPiece kind, const Kept& kept) const {
  if (fetcher_ == nullptr) return kept.loaded + kReread;
  const FetchOptions& options = fetcher_->options();
  const auto recheck = IsCertificate(kind) ? options.recheck_certificates : options.recheck;
  return std::min(kept.checked + recheck, kept.content.until + std::chrono::seconds(1));
}

bool PieceKeeper::Due(CollateralPiece kind, const Kept& kept, Time now,
                      std::chrono::seconds ahead) const {
  if (now >= DueAt(kind, kept)) return true;
  if (ahead.count() == 0 || now + ahead < DueAt(kind, kept)) return false;
  return now - kept.checked >= kBeforeEnd;
}

std::shared_ptr<const Kept> PieceKeeper::FromMemory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto* found = kept_.Find(path);
  return found == nullptr ? nullptr : *found;
}

std::shared_ptr<const Kept> PieceKeeper::Keep(const Piece& piece, Kept kept) {
  auto shared = std::make_shared<const Kept>(std::move(kept));
  const std::lock_guard lock(mutex_);
  kept_.Put(piece.path, shared);
  return shared;
}

void PieceKeeper::Discard(const Piece& piece) {
  if (fetcher_ == nullptr) return;
  store_.Remove(piece.path);
  const std::lock_guard lock(mutex_);
  kept_.Erase(piece.path);
}

void PieceKeeper::Forget() {
  const std::lock_guard lock(mutex_);
  kept_.Clear();
  failures_.Clear();
}

std::shared_ptr<const Kept> PieceKeeper::AtHand(const Piece& piece, Time now,
                                                std::optional<Error>& problem) {
  auto known = FromMemory(piece.path);
  auto stored = store_.Load(piece.path);
  if (!stored) {
    problem = stored.error();
    return fetcher_ == nullptr ? nullptr : known;
  }
  if (known && known->checked >= stored->checked && fetcher_ != nullptr) return known;
  auto content = ReadAnswer(piece, *stored);
  if (!content) {
    problem = content.error();
    return known;
  }
  return Keep(piece, {std::move(*content), stored->etag, stored->checked, now});
}

bool PieceKeeper::Has(const Piece& piece, Time now) {
  std::optional<Error> ignored;
  return FromMemory(piece.path) != nullptr || AtHand(piece, now, ignored) != nullptr;
}

Result<std::shared_ptr<const Kept>> PieceKeeper::Ask(const Piece& piece,
                                                     const std::shared_ptr<const Kept>& old,
                                                     Time now) {
  Fetcher::Reply reply = TRY(fetcher_->Ask(piece.url, old ? old->etag : std::string(), now));
  if (reply.not_modified) {
    Kept same = *old;
    same.checked = now;
    // A store that cannot be written costs time later, not the answer at hand.
    if (auto stored = store_.Load(piece.path)) {
      stored->checked = now;
      static_cast<void>(store_.Save(piece.path, *stored));
    }
    return Keep(piece, std::move(same));
  }
  auto content = ReadAnswer(piece, reply.answer);
  if (!content) return tl::unexpected(WithUrl(piece, std::move(content.error())));
  if (auto issued = CheckIssuers(piece, *content, roots_); !issued) {
    return tl::unexpected(WithUrl(piece, std::move(issued.error())));
  }
  if (old && content->until < old->content.until) {
    return Fail(ErrorCode::kIo,
                fmt::format("GET {}: an older answer than the one at hand: it ends at {}, not {}",
                            piece.url, FormatTime(content->until), FormatTime(old->content.until)));
  }
  static_cast<void>(store_.Save(piece.path, reply.answer));
  return Keep(piece, {std::move(*content), reply.answer.etag, now, now});
}

Resolved PieceKeeper::Renew(const Piece& piece, std::shared_ptr<const Kept> old, Time now) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_ >= limits::kWaitingForHosts) return {std::move(old), Busy(piece)};
    ++waiting_;
  }
  auto fresh = Ask(piece, old, now);
  const std::lock_guard lock(mutex_);
  --waiting_;
  std::optional<Error> problem;
  if (!fresh) {
    problem = fresh.error();
  } else if (now > (*fresh)->content.until) {
    problem = {ErrorCode::kMissing,
               fmt::format("GET {}: the host has nothing newer than what ended at {}", piece.url,
                           FormatTime((*fresh)->content.until)),
               {}};
  }
  if (problem) {
    const FetchOptions& options = fetcher_->options();
    failures_.Put(piece.path, {*problem, options.clock() + options.failure_memory});
  } else {
    failures_.Erase(piece.path);
  }
  return {fresh ? *fresh : std::move(old), std::move(problem)};
}

Resolved PieceKeeper::ResolveAlone(const Piece& piece, Time now, std::chrono::seconds ahead) {
  std::optional<Error> problem;
  auto old = AtHand(piece, now, problem);
  if (fetcher_ == nullptr) {
    if (old) problem.reset();
    return {std::move(old), std::move(problem)};
  }
  if (old && !Due(piece.kind, *old, now, ahead)) return {std::move(old), std::nullopt};
  return Renew(piece, std::move(old), now);
}

Resolved PieceKeeper::Resolve(const Piece& piece, Time now, std::chrono::seconds ahead) {
  std::promise<Resolved> promise;
  std::shared_future<Resolved> theirs;
  bool crowded = false;
  {
    const std::lock_guard lock(mutex_);
    const auto* kept = kept_.Find(piece.path);
    if (kept != nullptr && !Due(piece.kind, **kept, now, ahead)) return {*kept, std::nullopt};
    const Failure* failure = fetcher_ == nullptr ? nullptr : failures_.Find(piece.path);
    if (failure != nullptr && fetcher_->options().clock() < failure->until) {
      return {kept != nullptr ? *kept : nullptr, failure->error};
    }
    const auto flight = flights_.find(piece.path);
    if (flight != flights_.end()) {
      theirs = flight->second;
      crowded = ++waiting_ > limits::kWaitingForHosts;
    } else {
      flights_.emplace(piece.path, promise.get_future().share());
    }
  }
  if (theirs.valid()) {
    const WaitsOutside waits;
    const bool answered = !crowded || theirs.wait_for(kShortWait) == std::future_status::ready;
    Resolved out = answered ? theirs.get() : Resolved{FromMemory(piece.path), Busy(piece)};
    const std::lock_guard lock(mutex_);
    --waiting_;
    return out;
  }
  Resolved out;
  try {
    out = ResolveAlone(piece, now, ahead);
  } catch (const std::exception& exception) {
    // Whoever waits for this flight must not wait for ever, and the piece must stay usable.
    out = {nullptr, Error{ErrorCode::kInternal, exception.what(), {}}};
  }
  promise.set_value(out);
  const std::lock_guard lock(mutex_);
  flights_.erase(piece.path);
  return out;
}

}  // namespace assay
