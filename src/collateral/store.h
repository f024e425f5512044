// The collateral store: vendors' answers on disk, keyed by what they are for.
//
//   intel/<sgx|tdx>/<fmspc>/tcb_info.json     intel/<sgx|tdx>/qe_identity.json
//   intel/pck_crl_<processor|platform>.der    intel/root_crl.der
//   amd/<product>/cert_chain.pem, crl.der     the same with vlek_ in front, for VLEKs
//   amd/<product>/<chip id>/<levels>.der      one VCEK
//
// Beside each FILE stands FILE.meta (JSON: URL, ETag, when it was last checked, SHA-256 of the
// others) and, where the answer had one, FILE.chain (its issuers, as in Intel's header).
//
// Invariants. A file holds the publisher's exact bytes. Each file is replaced by renaming,
// FILE.meta last; writers hold an exclusive lock on .lock and readers a shared one, so that threads
// and processes see whole answers. What does not match the digests in FILE.meta does not exist: it
// is fetched anew. The store is no boundary of trust: what it gives is verified as if it had just
// come over the network.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "collateral/answer.h"

namespace assay {

inline constexpr std::string_view kMetaEnding = ".meta";
inline constexpr std::string_view kChainEnding = ".chain";

// Safe for concurrent use, by several processes too.
class CollateralStore {
 public:
  // With an empty folder nothing is kept.
  explicit CollateralStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // kMissing: there is none. kMalformed: there is one, but it is not as it was written.
  Result<Answer> Load(const std::string& path) const;
  // Makes room first: of the platforms, or of the chips of one product, the one written longest ago
  // goes.
  Result<void> Save(const std::string& path, const Answer& answer);
  // Takes the piece out; nothing happens if there is none.
  void Remove(const std::string& path);

  const std::filesystem::path& folder() const { return folder_; }

 private:
  const std::filesystem::path folder_;
};

}  // namespace assay
