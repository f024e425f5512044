#include "server/serve_witness.h"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <thread>

#include "base/json.h"
#include "base/limits.h"
#include "net/http_server.h"
#include "server/key_files.h"
#include "server/process.h"
#include "server/process_memory.h"
#include "server/state_dir.h"
#include "store/sqlite/sqlite_store.h"
#include "witness/add_checkpoint.h"
#include "witness/witness.h"

namespace assay {
namespace {

// Each cosignature waits for the disk once.
constexpr unsigned kWaitingForWitnessDisk = 16;

// A witness is its key and its name: neither changes once a log relies on it.
Result<std::string> OpenName(const ServeWitnessOptions& options) {
  const std::string path = options.state_dir + "/witness.name";
  if (!std::filesystem::exists(path)) {
    if (options.name.empty()) {
      return Fail(ErrorCode::kInvalidArgument, "a new witness has no name yet",
                  "--name witness.example/w1, a URL without https://, names it for good");
    }
    TRY_VOID(ledger::CheckKeyName(options.name));
    TRY_VOID(WriteDurably(path, options.name + "\n"));
  }
  std::string out = TRY(ReadWholeFile(path));
  while (out.ends_with('\n')) out.pop_back();
  if (!options.name.empty() && options.name != out) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("--name {}: the witness in {} is {}", options.name, options.state_dir, out),
        "leave --name out, or make another witness in another folder");
  }
  return out;
}

Result<witness::Witness> OpenWitness(const ServeWitnessOptions& options, store::Store& store) {
  std::string name = TRY(OpenName(options));
  const SecretBytes seed =
      TRY(OpenSecretFile(options.state_dir + "/witness.key", kEd25519KeyBytes));
  Ed25519Key key = TRY(Ed25519Key::FromSeed(seed.view()));
  return witness::Witness::Make(
      store, {std::move(name), std::move(key), options.logs, [] { return SystemNow(); }});
}

HttpResponse AnswerLog(witness::Witness& witness, const HttpRequest& request) {
  HttpResponse out;
  out.content_type = "text/plain; charset=utf-8";
  if (request.path != witness::kAddCheckpointPath) {
    out.status = 404;
    out.body = fmt::format("expected POST {}\n", witness::kAddCheckpointPath);
  } else if (request.method != "POST") {
    out.status = 405;
    out.headers.emplace_back("Allow", "POST");
    out.body = "expected POST\n";
  } else {
    witness::WitnessAnswer answer = witness.Add(request.body);
    out = {answer.status, std::move(answer.content_type), std::move(answer.body), {}, {}};
  }
  // Why it was refused: it might be proof that a log misbehaves.
  Log("request", {{"path", request.path},
                  {"status", out.status},
                  {"refusal", out.status == 200 ? "" : out.body}});
  return out;
}

Result<HttpServerOptions> HttpOptions(const ServeWitnessOptions& options, std::string& ca_file) {
  HttpServerOptions out;
  out.address = options.listen_address;
  out.port = options.port;
  out.workers = std::max(1U, std::thread::hardware_concurrency()) + kWaitingForWitnessDisk;
  out.max_body_bytes = limits::kWitnessRequestBytes;
  out.certificate_file = options.tls_cert_file;
  out.key_file = options.tls_key_file;
  if (options.tls_cert_file.empty() != options.tls_key_file.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "TLS certificate and key: only one was given",
                "give both files, or neither to have them made");
  }
  if (!options.tls_cert_file.empty()) return out;
  const TlsFiles made =
      TRY(OpenTlsFiles(options.state_dir, HostOf(options.public_url), SystemNow()));
  out.certificate_file = made.cert_file;
  out.key_file = made.key_file;
  ca_file = made.ca_file;
  return out;
}

void AnnounceWitness(const ServeWitnessOptions& options, const witness::Witness& witness,
                     std::uint16_t port, const std::string& ca_file) {
  const std::string key = witness.verifier().ToText();
  if (options.json) {
    fmt::print("{}\n", json::WritePretty(json::Object{{"witness", witness.verifier().name},
                                                      {"key", key},
                                                      {"port", int{port}},
                                                      {"ca", ca_file}}));
  } else {
    fmt::print("Assay witness: {}\nverifier key: {}\nlistening on {}:{}\n", witness.verifier().name,
               key, options.listen_address, port);
    if (!ca_file.empty()) fmt::print("CA certificate for logs: {}\n", ca_file);
    for (const ledger::NoteVerifier& log : options.logs) fmt::print("cosigns {}\n", log.name);
  }
  std::fflush(stdout);
}

}  // namespace

int ServeWitness(const ServeWitnessOptions& options) {
  SetUpLog();
  const Result<ProcessMemory> memory = ProtectMemory(limits::kSecretArenaBytes, false);
  if (!memory) return Complain(memory.error());
  const sigset_t signals = BlockSignals();
  if (const auto folder = MakeStateDir(options.state_dir); !folder) return Complain(folder.error());
  const auto store = store::OpenSqliteStore(options.state_dir + "/witness.db");
  if (!store) return Complain(store.error());
  auto witness = OpenWitness(options, **store);
  if (!witness) return Complain(witness.error());
  std::string ca_file;
  const auto http = HttpOptions(options, ca_file);
  if (!http) return Complain(http.error());
  const auto server = HttpServer::Start(
      *http, [&witness](const HttpRequest& request) { return AnswerLog(*witness, request); });
  if (!server) return Complain(server.error());
  AnnounceWitness(options, *witness, (*server)->port(), ca_file);
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    const auto tls = (*server)->ReloadTls();
    Log("reload_tls", {{"ok", tls.has_value()}, {"error", tls ? "" : tls.error().message}});
  }
  (*server)->Stop();
  return 0;
}

}  // namespace assay
