#include "agent/run.h"

#include <fmt/format.h>

#include <cstdlib>

#include "agent/run_parts.h"
#include "agent/watch_daemon.h"
#include "base/encoding.h"
#include "crypto/signing_key.h"
#include "guest/files.h"
#include "tee/tpm/structures.h"

namespace assay::agent {
namespace {

Result<int> RunEnroll(const Options& options) {
  const Said said = TRY(WithMachine(options, Enrol));
  if (said.yes() && !options.json) {
    fmt::print("machine {}: {}\n", TRY(said.body.String("machine", "answer")),
               TRY(said.body.String("state", "answer")));
  }
  return Report(said, options);
}

Result<int> RunAttest(const Options& options) {
  const Said said = TRY(AttestAsAsked(options));
  if (said.yes() && !options.json) fmt::print("{}\n", TRY(said.body.String("token", "answer")));
  return Report(said, options);
}

Result<int> RunCollect(const Options& options) {
  const Bytes nonce = options.nonce.empty() ? TRY(RandomBytes(32)) : TRY(HexDecode(options.nonce));
  const KeyOptions keys = TRY(KeysOf(options));
  Tpm tpm = TRY(Tpm::Open(options.tcti));
  const Machine machine{tpm, keys, LogsOf(options), {}, options.kind == "azure"};
  const std::string document = TRY(CollectDocument(machine, nonce));
  if (options.out == "-") {
    fmt::print("{}\n", document);
    return kExitTrusted;
  }
  TRY_VOID(WriteFile(options.out, AsBytes(document)));
  const AttestationKey ak = TRY(OpenAttestationKey(tpm, keys));
  const std::string name = HexEncode(TRY(tpm::ParsePublicArea(ak.key.public_area())).Name());
  if (options.json) {
    fmt::print("{}\n", json::Write(json::Object{{"file", options.out},
                                                {"machine", ak.machine},
                                                {"ak_name", name},
                                                {"nonce", HexEncode(nonce)}}));
  } else {
    fmt::print("{}: machine {}\nassay verify {} --enrolled-ak {} --report-data {}\n", options.out,
               ak.machine, options.out, name, HexEncode(nonce));
  }
  return kExitTrusted;
}

Result<int> Dispatch(const Options& options) {
  if (options.command == "enroll") return RunEnroll(options);
  if (options.command == "attest") return RunAttest(options);
  if (options.command == "watch") return RunWatch(options);
  if (options.command == "exec") return RunExec(options);
  if (options.command == "unlock") return RunUnlock(options);
  if (options.command == "cert") return RunCert(options);
  return RunCollect(options);
}

void Complain(const Error& error) {
  fmt::print(stderr, "assay-agent: {}\n", error.message);
  if (!error.hint.empty()) fmt::print(stderr, "  {}\n", error.hint);
}

}  // namespace

int Run(const Options& options) {
  // libtss2 writes its own lines for what is told better here, also for what is expected.
  ::setenv("TSS2_LOG", "all+none", 0);
  const Result<int> code = Dispatch(options);
  if (code) return *code;
  Complain(code.error());
  return kExitNotJudged;
}

}  // namespace assay::agent
