// `assay witness`: cosigns checkpoints of ledgers.
#include "cli/commands.h"
#include "cli/ledger.h"
#include "server/serve_witness.h"

namespace assay::cli {

Result<int> RunWitness(const Options& options) {
  ServeWitnessOptions serve;
  serve.listen_address = options.address;
  if (options.port > 0xFFFF) return Fail(ErrorCode::kInvalidArgument, "--port is above 65535");
  serve.port = static_cast<std::uint16_t>(options.port);
  serve.state_dir = options.state_dir;
  serve.name = options.witness_name;
  serve.public_url = options.public_url;
  serve.tls_cert_file = options.tls_certificate;
  serve.tls_key_file = options.tls_key;
  for (const std::string& one : options.logs) serve.logs.push_back(TRY(ParseKeyOrFile(one)));
  serve.json = options.json;
  return ServeWitness(serve);
}

}  // namespace assay::cli
