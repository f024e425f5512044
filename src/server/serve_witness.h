// `assay witness`: a witness (C2SP tlog-witness) as a process.
//
// In its state folder:
//
//   witness.db        the last checkpoint it cosigned of each log (witness/witness.h)
//   witness.name      its name, for good
//   witness.key       the seed of its Ed25519 key
//   tls.pem, ca.pem   made where no TLS files are given
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/note.h"

namespace assay {

struct ServeWitnessOptions {
  std::string listen_address = "127.0.0.1";
  std::uint16_t port = 8444;
  std::string state_dir;
  std::string name;        // of a witness that is made now; one that is there keeps its own
  std::string public_url;  // its host is named in the certificate that is made
  std::string tls_cert_file, tls_key_file;  // both or neither
  std::vector<ledger::NoteVerifier> logs;
  bool json = false;
};

// Runs until SIGTERM or SIGINT; the exit status of the process. SIGHUP reads the TLS files again.
int ServeWitness(const ServeWitnessOptions& options);

}  // namespace assay
