// Collateral by need, from the store and, with a fetcher, from the network.
//
// Complete answers to a need are kept in memory, so that a warm request touches neither disk nor
// network; incomplete ones are put together anew each time from what the PieceKeeper remembers.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/lru_map.h"
#include "collateral/keeper.h"
#include "collateral/source.h"

namespace assay {

struct StoreSourceOptions {
  Hosts hosts;
  TrustedRoots roots;  // what comes from the network must end at one of them
  // Somebody calls Refresh() in the background: then a request that has valid collateral never
  // waits for it to be renewed.
  bool refreshed_in_background = false;
};

// Safe for concurrent use.
class StoreSource final : public CollateralSource {
 public:
  // Both outlive the source. Without fetcher (null) the store alone answers.
  StoreSource(StoreSourceOptions options, CollateralStore& store, Fetcher* fetcher)
      : options_(std::move(options)), keeper_(store, fetcher, options_.roots) {}

  std::shared_ptr<const Collateral> Gather(const CollateralNeeds& needs, Time now) override;

  // Given to everybody besides what is gathered; null for nothing. Forgets what is in memory, so
  // that the store is read again.
  void Reload(std::shared_ptr<const Collateral> beside);

  // Renews what was asked for in the last `in_use` and is due within `ahead`; ends early when
  // `stop` says so. The number of needs for which something could not be renewed.
  std::size_t Refresh(Time now, std::chrono::seconds in_use, std::chrono::seconds ahead,
                      const std::function<bool()>& stop);

  // When the oldest piece asked for in the last `in_use` was checked; nothing when none was.
  std::optional<Time> OldestChecked(Time now, std::chrono::seconds in_use) const;

 private:
  struct Gathered {
    CollateralNeeds needs;
    std::shared_ptr<const Collateral> collateral;
    Time due{};      // the earliest of its pieces
    Time until{};    // when the first of them ends
    Time checked{};  // when the oldest was
    Time used{};
  };
  struct Work;  // a Gathered in the making

  std::shared_ptr<const Collateral> Known(const std::string& key, Time now);
  Gathered Build(const CollateralNeeds& needs, Time now, std::chrono::seconds ahead);
  void AddIntel(const IntelNeed& need, Work& work);
  void AddAmd(const AmdNeed& need, Work& work);
  std::vector<std::string> ProductsToTry(const AmdNeed& need, Time now);
  bool AddPiece(const Piece& piece, Work& work, bool note_absence = true);
  void DropImpostors(Work& work);
  void Remember(const std::string& key, Gathered gathered);

  const StoreSourceOptions options_;
  PieceKeeper keeper_;
  mutable std::mutex mutex_;
  LruMap<Gathered> gathered_{limits::kGatheredNeeds};  // guarded by mutex_
  std::shared_ptr<const Collateral> beside_;           // guarded by mutex_
};

}  // namespace assay
