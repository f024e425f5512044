// The files of a published tree (C2SP tlog-tiles), made from the store when they are asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/book.h"

namespace assay::ledger {

struct TreePath {
  bool entries = false;  // a bundle of entries, else a tile
  TileId tile;
  bool operator==(const TreePath&) const = default;
};

std::string PathOf(const TreePath& path);
// The inverse: nothing for any other text, so that there is one path to
// each file. Tiles of levels that no tree has are none.
std::optional<TreePath> ParseTreePath(std::string_view path);

// kMissing when the tree of the store has no such file yet. What is there never changes.
Result<Bytes> ReadTreeFileFrom(store::Store& store, const TreePath& path);

}  // namespace assay::ledger
