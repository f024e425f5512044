// COSE receipts (RFC 9942) of the tree RFC9162_SHA256: a signed proof that needs no server.
//
// A tagged COSE_Sign1 (RFC 9052 §4.2) whose payload, the root, is detached: a verifier computes it
// from the proof. Protected are the algorithm (1: EdDSA), the key's identifier (4: the key ID of
// the log's note signatures, 4 bytes), the tree (395: 1) and its size ("tree-size"); not protected
// is the proof (396). Our reader accepts this one form in its deterministic encoding and nothing
// beside it.
//
// The RFC signs the root alone. A path of one shape belongs to several pairs of index and size:
// with the same root, entry 2 of 3 reads as entry 1 of 2. With the size signed, the index is
// proven, too. Who does not know the parameter ignores it (RFC 9052 §3).
#pragma once

#include "ledger/merkle.h"
#include "ledger/note.h"

namespace assay::ledger {

struct InclusionReceipt {
  std::uint64_t size = 0;
  std::uint64_t index = 0;
  std::vector<Hash> path;
};
struct ConsistencyReceipt {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  std::vector<Hash> path;
};

// `root` is that of the tree of `size` or `second` leaves.
Result<Bytes> SignReceipt(const InclusionReceipt& proof, const Hash& root, const NoteVerifier& log,
                          const Ed25519Key& key);
Result<Bytes> SignReceipt(const ConsistencyReceipt& proof, const Hash& root,
                          const NoteVerifier& log, const Ed25519Key& key);

// What a verified receipt says: a tree of that size has that root.
struct ReceiptTree {
  std::uint64_t size = 0;
  Hash root{};
};
struct VerifiedInclusion {
  std::uint64_t index = 0;
  ReceiptTree tree;
};

// kMalformed when it has not that form; kInvalidArgument when it is of another key, another leaf or
// was changed.
Result<VerifiedInclusion> VerifyInclusionReceipt(View receipt, const Hash& leaf,
                                                 const NoteVerifier& log);
// The newer tree; the older one is what the caller holds.
Result<ReceiptTree> VerifyConsistencyReceipt(View receipt, const ReceiptTree& older,
                                             const NoteVerifier& log);

}  // namespace assay::ledger
