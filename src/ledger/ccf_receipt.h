// Write receipts of Azure Confidential Ledger: made for the second tree, and verified, whoever made
// them (azure-docs, confidential-ledger/verify-write-transaction-receipts.md):
//
//   1. the leaf is SHA-256(write set digest ‖ SHA-256(commit evidence) ‖ claims digest)
//   2. it leads with the proof to the root of the tree
//   3. the node's key signed the root (ECDSA; the root is the digest)
//   4. the service's certificate, or one that it endorses, vouches for the node's
//
// Beside the published steps: the transaction id is the one in the commit evidence, the node id is
// the digest of the node's key, and what the receipt claims has the claims digest. Validity times
// are not looked at, as there: a receipt outlives the certificates it was signed with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/signing_key.h"
#include "ledger/ccf_claim.h"
#include "ledger/ccf_tree.h"

namespace assay::ledger {

struct PathElement {
  Side side = Side::kLeft;
  Hash hash{};
};

struct CcfProof {
  TransactionId id;
  CcfLeaf leaf;
  std::vector<PathElement> path;  // from the leaf upwards
  Hash root{};                    // to which it leads
  std::optional<LedgerEntryClaim> claim;
};
Hash CcfRootOf(const CcfProof& proof);

// Who signs receipts: a node, and the service that vouches for it.
struct NodeIdentity {
  SigningKey key;  // P-256
  CertificatePtr certificate, service;
};
// The digest of its key, in hexadecimal.
std::string NodeIdOf(const Certificate& node);

struct CcfReceipt {
  CcfProof proof;
  std::string node_id;
  std::string certificate;                // of the node, PEM
  std::vector<std::string> endorsements;  // PEM, from the oldest service to the newest
  Bytes signature;                        // ECDSA-Sig-Value
};
Result<CcfReceipt> SignCcfReceipt(CcfProof proof, const NodeIdentity& node);

// The answer of the API: {"receipt", "state", "transactionId", "applicationClaims"}, the last if
// `with_claims` and there is one.
json::Object CcfReceiptJson(const CcfReceipt& receipt, bool with_claims);
// kMalformed for another shape; kUnsupported for a receipt that is not ready, or lacks a component
// of its leaf.
Result<CcfReceipt> ParseCcfReceipt(std::string_view text);

// The certificate of the node that signed it; kInvalidArgument when a step fails.
Result<CertificatePtr> VerifyCcfReceipt(const CcfReceipt& receipt, const Certificate& service);

}  // namespace assay::ledger
