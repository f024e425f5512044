// A witness (C2SP tlog-witness): it cosigns a log's checkpoint only if that continues the last one
// it cosigned. So whoever demands its cosignature sees the history that everybody else sees.
//
// In the store, for each log: witness/log/ORIGIN = the last checkpoint it cosigned, as the log
// signed it. It is written, in one step with the comparison, before the cosignature leaves.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ledger/checkpoint.h"
#include "store/store.h"

namespace assay::witness {

// What goes back to the log, in HTTP's words, as the specification has it.
struct WitnessAnswer {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

struct WitnessOptions {
  std::string name;  // of its key, for good
  Ed25519Key key;
  std::vector<ledger::NoteVerifier> logs;  // those it cosigns; an origin may have several keys
  std::function<Time()> clock;
};

// Safe for concurrent use, also by several processes on one store. The store outlives it.
class Witness {
 public:
  static Result<Witness> Make(store::Store& store, WitnessOptions options);

  // Answers a request: 200 and the cosignature, or why not. 400 malformed, 403 not signed by the
  // log, 404 another log, 409 and the size it knows, 422 the proof does not hold, 500 the store.
  WitnessAnswer Add(std::string_view body);
  // The key that those who rely on this witness have to know.
  const ledger::NoteVerifier& verifier() const { return verifier_; }
  // Of each log, the size of the last checkpoint it cosigned; 0: none yet.
  Result<std::uint64_t> KnownSize(std::string_view origin);

 private:
  struct Known {
    ledger::Checkpoint checkpoint;  // of the empty tree, before the first
    std::uint64_t version = 0;
  };
  struct Signed {
    ledger::Checkpoint checkpoint;
    ledger::Note note;  // with the signature of the log's key alone
  };
  using Judged = tl::expected<Signed, WitnessAnswer>;

  Witness(store::Store& store, WitnessOptions options);
  Judged OpenNote(std::string_view note) const;
  Result<Known> Read(std::string_view origin);
  // kConflict: somebody else cosigned meanwhile.
  Result<WitnessAnswer> Cosign(const Signed& given, const Known& known);

  store::Store& store_;
  const WitnessOptions options_;
  const ledger::NoteVerifier verifier_;
};

}  // namespace assay::witness
