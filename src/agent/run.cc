#include "agent/run.h"

#include <fmt/format.h>

#include <cstdlib>

#include "agent/files.h"
#include "agent/handover.h"
#include "agent/hardware.h"
#include "agent/protocol.h"
#include "agent/setup.h"
#include "agent/watch_daemon.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/signing_key.h"
#include "tee/tpm/structures.h"

namespace assay::agent {
namespace {

void Complain(const Error& error) {
  fmt::print(stderr, "assay-agent: {}\n", error.message);
  if (!error.hint.empty()) fmt::print(stderr, "  {}\n", error.hint);
}

int Report(const Said& said, const Options& options) {
  if (options.json && !said.body.is_null()) {
    fmt::print("{}\n", json::Write(said.body));
  } else if (!said.yes()) {
    fmt::print(stderr, "assay-agent: {}\n", said.Text());
    if (said.answer == Answer::kUnknownMachine) {
      fmt::print(stderr, "  enrol it first: assay-agent enroll\n");
    }
  }
  if (said.yes()) return kExitTrusted;
  return said.answer == Answer::kAway ? kExitNotJudged : kExitRefused;
}

bool IsHardware(const Options& options) { return options.kind == "snp" || options.kind == "tdx"; }

Result<Said> AttestHardware(const Options& options, const Service& service) {
  Bytes data;
  if (options.runtime_data.empty()) {
    const std::string nonce = Base64UrlEncode(TRY(RandomBytes(32)));
    data = ToBytes(AsBytes(json::Write(json::Object{{"nonce", nonce}})));
  } else {
    data = TRY(ReadFile(options.runtime_data, limits::kAgentSmallFileBytes));
  }
  const auto kind = options.kind == "snp" ? HardwareKind::kSnp : HardwareKind::kTdx;
  const TsmTree tree{.root = options.tsm_root, .make_entry = {}};
  const HardwareRequest request = TRY(CollectHardware(kind, tree, data));
  return service.Post(request.action, request.body);
}

Result<Said> AttestAsAsked(const Options& options) {
  if (IsHardware(options)) return AttestHardware(options, TRY(ServiceOf(options)));
  return WithMachine(options, Attest);
}

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

Result<int> RunExec(const Options& options) {
  const Said said = TRY(AttestAsAsked(options));
  if (!said.yes()) return Report(said, options);
  const auto how = options.token_in_environment ? Handover::kEnvironment : Handover::kDescriptor;
  return tl::unexpected(Execute(options.program, TRY(said.body.String("token", "answer")), how));
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
  return RunCollect(options);
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
