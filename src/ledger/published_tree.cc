#include "ledger/published_tree.h"

#include <fmt/format.h>

#include <charconv>

namespace assay::ledger {
namespace {

// All of it, in decimal; that it has no other spelling is found out by writing it again.
std::optional<std::uint64_t> Decimal(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// "x001/x234/067": 1234067.
std::optional<std::uint64_t> IndexOf(std::string_view text) {
  std::uint64_t out = 0;
  while (text.starts_with('x')) {
    const auto group =
        text.size() > 4 && text[4] == '/' ? Decimal(text.substr(1, 3)) : std::nullopt;
    // Beyond any tree, and nearly beyond what a number holds.
    if (!group || out > (std::uint64_t{1} << 50U)) return std::nullopt;
    out = out * 1000 + *group;
    text.remove_prefix(5);
  }
  const auto last = text.size() == 3 ? Decimal(text) : std::nullopt;
  if (!last) return std::nullopt;
  return out * 1000 + *last;
}

tl::unexpected<Error> NotYet(const std::string& path) {
  return Fail(ErrorCode::kMissing, fmt::format("ledger: the tree has no {}", path));
}

Result<Bytes> BundleFrom(store::Store& store, const TileId& tile) {
  const std::uint64_t first = tile.index * kTileWidth;
  // One scan from behind the entry before the first; entry 0 has none before it.
  const Bytes after = first == 0 ? Bytes() : EntryKeyOf(first - 1);
  const auto rows = TRY(store.Scan(AsBytes(kEntryPrefix), after, tile.width));
  Bytes out;
  for (const store::Entry& row : rows) {
    const EntryRow entry = TRY(DecodeEntryRow(row.value));
    AppendToBundle(out, entry.leaf);
  }
  if (rows.size() < tile.width) return NotYet(EntriesPath(tile));
  return out;
}

}  // namespace

std::string PathOf(const TreePath& path) {
  return path.entries ? EntriesPath(path.tile) : TilePath(path.tile);
}

std::optional<TreePath> ParseTreePath(std::string_view path) {
  constexpr std::string_view kTile = "tile/";
  constexpr std::string_view kPart = ".p/";
  if (!path.starts_with(kTile)) return std::nullopt;
  std::string_view rest = path.substr(kTile.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  TreePath out;
  out.entries = rest.substr(0, slash) == "entries";
  const auto level = out.entries ? 0 : Decimal(rest.substr(0, slash));
  rest.remove_prefix(slash + 1);
  const std::size_t part = rest.find(kPart);
  const auto index = IndexOf(rest.substr(0, part));
  const auto width = part == std::string_view::npos ? std::optional<std::uint64_t>(kTileWidth)
                                                    : Decimal(rest.substr(part + kPart.size()));
  if (!level || *level >= kTileLevels || !index || !width || *width == 0 || *width > kTileWidth) {
    return std::nullopt;
  }
  out.tile = {static_cast<unsigned>(*level), *index, static_cast<std::size_t>(*width)};
  // Leading zeroes, a part of all 256, and whatever else is no one's spelling.
  if (PathOf(out) != path) return std::nullopt;
  return out;
}

Result<Bytes> ReadTreeFileFrom(store::Store& store, const TreePath& path) {
  if (path.entries) return BundleFrom(store, path.tile);
  const auto row = TRY(store.Get(TileKey(path.tile.level, path.tile.index)));
  if (!row || row->value.size() < path.tile.width * sizeof(Hash)) {
    return NotYet(TilePath(path.tile));
  }
  const std::vector<Hash> hashes = TRY(UnpackTile(row->value, path.tile));
  return PackTile(hashes);
}

}  // namespace assay::ledger
