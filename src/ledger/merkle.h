// The Merkle tree of RFC 9162 §2.1 over SHA-256: hashes, proofs, and their verification.
//
// A node (level, index) is the root of the complete subtree over leaves [index << level,
// (index + 1) << level). Complete subtrees never change once they are there; all else is combined
// from O(log n) of them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace assay::ledger {

using Hash = Sha256Digest;

// RFC 9162 §2.1.1.
Hash EmptyRoot();
Hash LeafHash(View leaf);
Hash NodeHash(const Hash& left, const Hash& right);

// How a tree hashes a node: NodeHash, or that of another tree of the same shape
// (ledger/ccf_tree.h).
using NodeHasher = Hash (*)(const Hash& left, const Hash& right);

// Of one or more hashes of complete subtrees of one height, as if they were leaves.
Hash RootOf(std::vector<Hash> hashes, NodeHasher hasher = NodeHash);

struct NodeId {
  unsigned level = 0;
  std::uint64_t index = 0;
  bool operator==(const NodeId&) const = default;
};

// Where the hashes of complete subtrees are kept.
class NodeSource {
 public:
  explicit NodeSource(NodeHasher with = NodeHash) : hasher_(with) {}
  virtual ~NodeSource() = default;
  NodeSource(const NodeSource&) = delete;
  NodeSource& operator=(const NodeSource&) = delete;
  virtual Result<Hash> Node(NodeId id) = 0;
  NodeHasher hasher() const { return hasher_; }

 private:
  const NodeHasher hasher_;
};

// MTH(D[0:size]).
Result<Hash> TreeRoot(NodeSource& nodes, std::uint64_t size);

// RFC 9162 §2.1.3.1: PATH(index, D[0:size]). kInvalidArgument unless index < size.
Result<std::vector<Hash>> InclusionProof(NodeSource& nodes, std::uint64_t index,
                                         std::uint64_t size);
// RFC 9162 §2.1.4.1: PROOF(first, D[0:second]). kInvalidArgument unless 0 < first <= second.
Result<std::vector<Hash>> ConsistencyProof(NodeSource& nodes, std::uint64_t first,
                                           std::uint64_t second);

enum class Side { kLeft, kRight };
// On which side of what it is hashed with each hash of PATH(index, D[0:size]) stands, from the leaf
// upwards; empty unless index < size.
std::vector<Side> InclusionSides(std::uint64_t index, std::uint64_t size);

// RFC 9162 §2.1.3.2: the root to which the proof leads; nothing if it has not the shape that index
// and size demand.
std::optional<Hash> RootOfInclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                                    const std::vector<Hash>& proof);
bool VerifyInclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf,
                     const std::vector<Hash>& proof, const Hash& root);

// RFC 9162 §2.1.4.2: the newer root to which the proof leads from `first_root`; nothing if it has
// not the shape that the sizes demand, or does not lead to `first_root`. An empty tree is
// consistent with every other and proves nothing: first is at least 1.
std::optional<Hash> RootOfConsistency(std::uint64_t first, std::uint64_t second,
                                      const Hash& first_root, const std::vector<Hash>& proof);
bool VerifyConsistency(std::uint64_t first, std::uint64_t second, const Hash& first_root,
                       const Hash& second_root, const std::vector<Hash>& proof);

}  // namespace assay::ledger
