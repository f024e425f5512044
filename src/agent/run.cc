#include "agent/run.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdlib>
#include <random>

#include "agent/files.h"
#include "agent/handover.h"
#include "agent/hardware.h"
#include "agent/protocol.h"
#include "agent/setup.h"
#include "agent/watch.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/signing_key.h"
#include "tee/tpm/structures.h"

namespace assay::agent {
namespace {

using std::chrono::milliseconds;

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

// The TPM is opened for each conversation and closed behind it: others use it in between, and it
// may come back after a fault.
template <typename Talk>
Result<Said> WithMachine(const Options& options, Talk talk) {
  const Service service = TRY(ServiceOf(options));
  const KeyOptions keys = TRY(KeysOf(options));
  Tpm tpm = TRY(Tpm::Open(options.tcti));
  return talk(Machine{tpm, keys, LogsOf(options), options.name, options.kind == "azure"}, service);
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

std::optional<std::chrono::seconds> NextIn(const json::Value& body) {
  const json::Value* const next = body.Find("next_in");
  if (next == nullptr || next->AsInt() == nullptr || *next->AsInt() < 0) return std::nullopt;
  return std::min<std::chrono::seconds>(std::chrono::seconds(*next->AsInt()),
                                        limits::kAgentLongestPause);
}

Outcome OutcomeOf(const Result<Said>& said) {
  using Kind = Outcome::Kind;
  if (!said) return {};
  Outcome out{Kind::kAway, NextIn(said->body), said->retry_after};
  switch (said->answer) {
    case Answer::kYes: out.kind = Kind::kGood; break;
    case Answer::kUnknownMachine: out.kind = Kind::kUnknownMachine; break;
    case Answer::kExpired: out.kind = Kind::kExpired; break;
    case Answer::kDenied: out.kind = Kind::kDenied; break;
    case Answer::kAway: break;
  }
  return out;
}

// One line for the journal. A token is never among it.
void Tell(Step step, const Result<Said>& said) {
  const std::string_view what = step == Step::kEnrol ? "enrol" : "attest";
  if (!said) {
    fmt::print(stderr, "{}: {}; {}\n", what, said.error().message, said.error().hint);
  } else if (said->yes()) {
    const json::Value* const state = said->body.Find("state");
    fmt::print("{}: {}\n", what,
               state != nullptr && state->AsString() != nullptr ? *state->AsString() : "ok");
  } else {
    fmt::print(stderr, "{}: {}\n", what, said->Text());
  }
  std::fflush(stdout);
}

Result<int> RunWatch(const Options& options) {
  // Mistakes in the options end it; nothing else does.
  TRY(ServiceOf(options));
  TRY(KeysOf(options));
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  std::random_device seed;
  std::uniform_real_distribution<double> between(0.0, 1.0);
  Planner planner([&] { return between(seed); });
  Watch(
      std::move(planner),
      [&options](Step step) {
        const Result<Said> said = WithMachine(options, step == Step::kEnrol ? Enrol : Attest);
        Tell(step, said);
        return OutcomeOf(said);
      },
      [&ends](milliseconds wait) {
        const auto whole = std::chrono::duration_cast<std::chrono::seconds>(wait);
        const timespec time{whole.count(), std::chrono::nanoseconds(wait - whole).count()};
        return sigtimedwait(&ends, nullptr, &time) < 0;
      });
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
