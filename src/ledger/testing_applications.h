// For tests: what applications write, and who signs receipts.
#pragma once

#include "ledger/testing_ledger.h"

namespace assay::ledger {

inline ApplicationEntry TestEntry(std::uint64_t n, std::string collection = "subledger:0",
                                  std::vector<std::string> tags = {}) {
  return {FromUnixSeconds(1'764'590'400 + static_cast<std::int64_t>(n)), "alice",
          std::move(collection), std::move(tags), "contents " + std::to_string(n)};
}

// A service that endorses one node.
inline NodeIdentity MakeTestNode() {
  const Time start = FromUnixSeconds(1'764'000'000);
  SigningKey service_key = SigningKey::Generate(KeyType::kP256).value();
  SigningKey node_key = SigningKey::Generate(KeyType::kP256).value();
  const CertificatePtr service =
      IssueCertificate(service_key, {"service", {}, start, 100, true}, service_key, nullptr)
          .value();
  const CertificatePtr node =
      IssueCertificate(node_key, {"node", {}, start, 10}, service_key, service.get()).value();
  return {std::move(node_key), node, service};
}

inline const NodeIdentity& TestNode() {
  static const NodeIdentity node = MakeTestNode();
  return node;
}

}  // namespace assay::ledger
