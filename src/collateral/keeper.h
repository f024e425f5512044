// One piece of collateral by the staleness rule (fetch.h): from memory, else from the store, else
// from its publisher.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/limits.h"
#include "base/lru_map.h"
#include "collateral/fetch.h"
#include "collateral/store.h"
#include "tee/core/scheme.h"

namespace assay {

// An answer that was read and is what was asked for.
struct Kept {
  Content content;
  std::string etag;
  Time checked{};
  Time loaded{};  // when it came from the store or the host into memory
};

struct Resolved {
  std::shared_ptr<const Kept> kept;  // null: there is none
  std::optional<Error> problem;      // why there is none, or nothing newer
};

// Safe for concurrent use; one piece is never asked for twice at the same time.
class PieceKeeper {
 public:
  // Without fetcher (null), memory and store alone answer. Both outlive the keeper.
  PieceKeeper(CollateralStore& store, Fetcher* fetcher, TrustedRoots roots)
      : store_(store), fetcher_(fetcher), roots_(std::move(roots)) {}

  // `ahead`: how much before its time the piece is to be renewed.
  Resolved Resolve(const Piece& piece, Time now, std::chrono::seconds ahead = {});

  // Whether memory or store have it, fresh or not.
  bool Has(const Piece& piece, Time now);
  // When the piece is to be asked for again, at the latest at its end.
  Time DueAt(CollateralPiece kind, const Kept& kept) const;
  // Forgets the piece, also in the store, so that the host is asked anew. Without a fetcher the
  // store is somebody else's, and stays as it is.
  void Discard(const Piece& piece);
  // Forgets what is in memory, failures too.
  void Forget();

 private:
  struct Failure {
    Error error;
    Time until{};
  };

  bool Due(CollateralPiece kind, const Kept& kept, Time now, std::chrono::seconds ahead) const;
  std::shared_ptr<const Kept> FromMemory(const std::string& path);
  // The better of memory and store; `problem` is set when the store's is broken.
  std::shared_ptr<const Kept> AtHand(const Piece& piece, Time now, std::optional<Error>& problem);
  Resolved ResolveAlone(const Piece& piece, Time now, std::chrono::seconds ahead);
  Resolved Renew(const Piece& piece, std::shared_ptr<const Kept> old, Time now);
  // The answer to keep; null when the host has nothing newer.
  Result<std::shared_ptr<const Kept>> Ask(const Piece& piece,
                                          const std::shared_ptr<const Kept>& old, Time now);
  std::shared_ptr<const Kept> Keep(const Piece& piece, Kept kept);

  CollateralStore& store_;
  Fetcher* const fetcher_;
  const TrustedRoots roots_;
  std::mutex mutex_;
  LruMap<std::shared_ptr<const Kept>> kept_{limits::kKeptPieces};  // guarded by mutex_
  LruMap<Failure> failures_{limits::kRememberedFailures};          // guarded by mutex_
  std::map<std::string, std::shared_future<Resolved>> flights_;    // guarded by mutex_
  std::size_t waiting_ = 0;                                        // guarded by mutex_
};

}  // namespace assay
