// GET /ledger/checkpoint and /ledger/tile/...: the published tree (C2SP tlog-tiles), for everybody.
// It shows how many decisions there are and when they were made, and nothing of what they say.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_server.h"
#include "store/store.h"
#include "witness/publication.h"

namespace assay {

// Safe for concurrent use. The store outlives it.
class LedgerTree {
 public:
  // `in_force` gives the newest signed checkpoint. It is what is published where no witness has to
  // cosign; else that is the newest one with its quorum.
  LedgerTree(store::Store& store, ledger::NoteVerifier log, witness::Quorum quorum,
             std::function<std::string()> in_force)
      : store_(store),
        log_(std::move(log)),
        quorum_(std::move(quorum)),
        in_force_(std::move(in_force)) {}

  HttpResponse Checkpoint() const;
  // The newest one that has its quorum of cosignatures; nothing before the first, and where no
  // witness has to cosign.
  Result<std::optional<std::string>> Cosigned() const;
  // A tile or a bundle, by its path in the tree: "tile/0/001.p/17".
  HttpResponse File(std::string_view path) const;

 private:
  store::Store& store_;
  const ledger::NoteVerifier log_;
  const witness::Quorum quorum_;
  const std::function<std::string()> in_force_;
};

}  // namespace assay
