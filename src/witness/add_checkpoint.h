// The request of C2SP tlog-witness: cosign this checkpoint, which continues the one of that size.
//
//   old 20852014
//   PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=     a consistency proof, a hash in each line
//
//   example.com/behind-the-sofa                      the signed checkpoint
//   ...
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/merkle.h"

namespace assay::witness {

struct AddCheckpoint {
  std::uint64_t old_size = 0;
  std::vector<ledger::Hash> proof;
  std::string checkpoint;  // a signed note; not read here
  bool operator==(const AddCheckpoint&) const = default;
};

std::string WriteAddCheckpoint(const AddCheckpoint& request);
Result<AddCheckpoint> ParseAddCheckpoint(std::string_view body);

// Where requests go, behind the witness's submission prefix.
inline constexpr std::string_view kAddCheckpointPath = "/add-checkpoint";
// The media type of a known size.
inline constexpr std::string_view kTreeSizeType = "text/x.tlog.size";

}  // namespace assay::witness
