#include "collateral/store_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "collateral/issuers.h"

namespace assay {
namespace {

template <typename Ptr, typename Digest>
void AppendNew(const std::vector<Ptr>& from, std::vector<Ptr>& to, const Digest& digest) {
  for (const Ptr& item : from) {
    const bool known = std::any_of(
        to.begin(), to.end(), [&](const Ptr& other) { return digest(*other) == digest(*item); });
    if (!known) to.push_back(item);
  }
}

// Issuers come with each document: once is enough.
void Merge(const Collateral& from, Collateral& to) {
  AppendNew(from.certificates, to.certificates, [](const Certificate& c) { return c.digest(); });
  AppendNew(from.crls, to.crls, [](const Crl& c) { return c.digest(); });
  AppendNew(from.documents, to.documents, [](const JsonDocument& d) { return d.digest; });
  to.missing.insert(to.missing.end(), from.missing.begin(), from.missing.end());
}

std::string WhyText(const Error& error) {
  return error.hint.empty() ? error.message : error.message + " (" + error.hint + ")";
}

}  // namespace

struct StoreSource::Work {
  Collateral collateral;
  Time now{};
  std::chrono::seconds ahead{};
  Time due = Time::max(), until = Time::max(), checked = Time::max();
  std::optional<Error> problem;  // of the piece asked for last
  std::vector<std::pair<Piece, std::shared_ptr<const Kept>>> pieces;
};

// Returns whether the piece is there. What is there but could not be renewed and has ended is
// noted: its check will fail and shall say why.
bool StoreSource::AddPiece(const Piece& piece, Work& work, bool note_absence) {
  Resolved resolved = keeper_.Resolve(piece, work.now, work.ahead);
  work.problem = resolved.problem;
  const bool ended = resolved.kept && work.now > resolved.kept->content.until;
  if (resolved.problem && (resolved.kept ? ended : note_absence)) {
    work.collateral.missing.push_back({piece.kind, WhyText(*resolved.problem)});
  }
  if (!resolved.kept) return false;
  Merge(resolved.kept->content.collateral, work.collateral);
  work.pieces.emplace_back(piece, resolved.kept);
  work.due = std::min(work.due, keeper_.DueAt(piece.kind, *resolved.kept));
  work.until = std::min(work.until, resolved.kept->content.until);
  work.checked = std::min(work.checked, resolved.kept->checked);
  return true;
}

// Now that the issuers are at hand: what their names stand on but their keys did not sign must not
// stay in the store, where it could displace the right one until it ends. The schemes refuse it.
void StoreSource::DropImpostors(Work& work) {
  for (const auto& [piece, kept] : work.pieces) {
    if (!IsImpostor(piece, kept->content, work.collateral.certificates, options_.roots)) continue;
    keeper_.Discard(piece);
    work.collateral.missing.push_back(
        {piece.kind, fmt::format("{}: its issuer did not sign it: not kept", piece.url)});
  }
}

void StoreSource::AddIntel(const IntelNeed& need, Work& work) {
  const auto pieces = IntelPieces(options_.hosts, need);
  if (!pieces) {
    work.collateral.missing.push_back({CollateralPiece::kTcbInfo, pieces.error().message});
    return;
  }
  for (const Piece& piece : *pieces) AddPiece(piece, work);
}

// Of several possible products, one whose leaf is at hand before others: the host need not be asked
// again whether it is the right one.
std::vector<std::string> StoreSource::ProductsToTry(const AmdNeed& need, Time now) {
  std::vector<std::string> products = need.products;
  if (products.size() < 2) return products;
  std::stable_partition(products.begin(), products.end(), [&](const std::string& product) {
    const auto pieces = AmdPieces(options_.hosts, need, product);
    return pieces && pieces->front().kind == CollateralPiece::kAmdLeaf &&
           keeper_.Has(pieces->front(), now);
  });
  return products;
}

// The leaf tells whether the product is right: where it is another's, its host has none (404).
void StoreSource::AddAmd(const AmdNeed& need, Work& work) {
  std::vector<MissingPiece> no_leaf;
  const std::vector<std::string> products = ProductsToTry(need, work.now);
  for (const std::string& product : products) {
    const auto pieces = AmdPieces(options_.hosts, need, product);
    if (!pieces) {
      work.collateral.missing.push_back({CollateralPiece::kAmdLeaf, pieces.error().message});
      return;
    }
    const bool by_leaf = pieces->front().kind == CollateralPiece::kAmdLeaf;
    if (by_leaf && !AddPiece(pieces->front(), work, false)) {
      const bool other_product = work.problem && work.problem->code == ErrorCode::kMissing;
      if (work.problem) no_leaf.push_back({CollateralPiece::kAmdLeaf, WhyText(*work.problem)});
      if (other_product && product != products.back()) continue;
      Merge(Collateral{{}, {}, {}, std::move(no_leaf)}, work.collateral);
      return;  // without leaf, nothing is verified
    }
    for (const Piece& piece : *pieces) {
      if (piece.kind != CollateralPiece::kAmdLeaf) AddPiece(piece, work);
    }
    if (by_leaf) return;
  }
}

StoreSource::Gathered StoreSource::Build(const CollateralNeeds& needs, Time now,
                                         std::chrono::seconds ahead) {
  Work work{.collateral = {}, .now = now, .ahead = ahead, .problem = {}, .pieces = {}};
  {
    const std::lock_guard lock(mutex_);
    if (beside_) work.collateral = *beside_;
  }
  if (const auto* intel = std::get_if<IntelNeed>(&needs)) AddIntel(*intel, work);
  if (const auto* amd = std::get_if<AmdNeed>(&needs)) AddAmd(*amd, work);
  DropImpostors(work);
  return {needs,        std::make_shared<const Collateral>(std::move(work.collateral)),
          work.due,     work.until,
          work.checked, now};
}

std::shared_ptr<const Collateral> StoreSource::Known(const std::string& key, Time now) {
  const std::lock_guard lock(mutex_);
  Gathered* known = gathered_.Find(key);
  if (known == nullptr) return nullptr;
  const bool usable = now < known->due || (options_.refreshed_in_background && now <= known->until);
  if (!usable) return nullptr;
  known->used = std::max(known->used, now);
  return known->collateral;
}

void StoreSource::Remember(const std::string& key, Gathered gathered) {
  const std::lock_guard lock(mutex_);
  if (gathered.collateral->missing.empty()) {
    gathered_.Put(key, std::move(gathered));
  } else {
    gathered_.Erase(key);
  }
}

std::shared_ptr<const Collateral> StoreSource::Gather(const CollateralNeeds& needs, Time now) {
  const std::string key = KeyOf(needs);
  if (auto known = Known(key, now)) return known;
  Gathered gathered = Build(needs, now, {});
  auto out = gathered.collateral;
  Remember(key, std::move(gathered));
  return out;
}

void StoreSource::Reload(std::shared_ptr<const Collateral> beside) {
  keeper_.Forget();
  const std::lock_guard lock(mutex_);
  beside_ = std::move(beside);
  gathered_.Clear();
}

std::size_t StoreSource::Refresh(Time now, std::chrono::seconds in_use, std::chrono::seconds ahead,
                                 const std::function<bool()>& stop) {
  std::vector<std::pair<std::string, Gathered>> due;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, gathered] : gathered_) {
      if (now - gathered.used <= in_use && now + ahead >= gathered.due)
        due.emplace_back(key, gathered);
    }
  }
  std::size_t failed = 0;
  for (const auto& [key, old] : due) {
    if (stop()) break;
    Gathered fresh = Build(old.needs, now, ahead);
    fresh.used = old.used;
    if (fresh.due <= now + ahead) ++failed;
    Remember(key, std::move(fresh));
  }
  return failed;
}

std::optional<Time> StoreSource::OldestChecked(Time now, std::chrono::seconds in_use) const {
  const std::lock_guard lock(mutex_);
  std::optional<Time> oldest;
  for (const auto& [key, gathered] : gathered_) {
    if (now - gathered.used > in_use || gathered.checked == Time::max()) continue;
    oldest = std::min(oldest.value_or(Time::max()), gathered.checked);
  }
  return oldest;
}

}  // namespace assay
