// `assay witness` as a program, and a ledger that is published over HTTPS.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "agent/child.h"
#include "api/ledger_tree.h"
#include "base/json.h"
#include "cli/commands.h"
#include "ledger/static_tree.h"
#include "ledger/testing_ledger.h"
#include "net/http_client.h"
#include "server/ledger_publisher.h"
#include "server/process.h"
#include "server/state_dir.h"
#include "store/sqlite/sqlite_store.h"

namespace assay {

inline HttpClient ClientOf(const std::string& ca_file) {
  HttpClientOptions out;
  out.ca_file = ca_file;
  return HttpClient(std::move(out));
}

class WitnessProgram {
 public:
  // One that is in the folder goes on.
  WitnessProgram(const std::string& folder, const std::string& name, const std::string& log)
      : folder_(folder),
        child_({ASSAY_PROGRAM, "witness", "--state", folder + "/state", "--name", name, "--log",
                log, "--port", "0", "--json"},
               MadeFolder(folder)) {
    EXPECT_TRUE(Within(std::chrono::seconds(20), [this] {
      return json::Parse(child_.Output()).has_value();
    })) << child_.Errors();
    said_ = json::Parse(child_.Output()).value();
  }

  std::string key() const { return said_.String("key", "witness").value(); }
  std::string url() const {
    return "https://127.0.0.1:" + std::to_string(said_.Int("port", "witness").value());
  }
  std::string ca_file() const { return said_.String("ca", "witness").value(); }
  WitnessAddress address() const { return ParseWitnessAddress(key() + " " + url()).value(); }
  void Kill() {
    child_.Signal(SIGKILL);
    child_.Wait();
  }
  Child& child() { return child_; }

 private:
  static std::string MadeFolder(const std::string& folder) {
    std::filesystem::create_directories(folder);
    return folder;
  }
  const std::string folder_;
  Child child_;
  json::Value said_;
};

// What a service has of its ledger, without the service.
class PublishedLedger {
 public:
  PublishedLedger(const std::string& folder, LedgerPublisherOptions options)
      : store_(store::OpenSqliteStore(folder + "/ledger.db").value()),
        ledger_(ledger::Ledger::Open(*store_, ledger::TestKeys()).value()) {
    options.log = [this](std::string_view event, json::Object fields) {
      said_ += std::string(event) + " " + json::Write(fields) + "\n";
    };
    publisher_ = LedgerPublisher::Make(*ledger_, *store_, std::move(options)).value();
    tree_ = std::make_unique<LedgerTree>(*store_, ledger_->verifier(), publisher_->quorum(),
                                         [this] { return ledger_->signed_checkpoint(); });
    const TlsFiles tls = OpenTlsFiles(folder, "", SystemNow()).value();
    ca_file_ = tls.ca_file;
    HttpServerOptions http;
    http.certificate_file = tls.cert_file;
    http.key_file = tls.key_file;
    server_ = HttpServer::Start(http, [this](const HttpRequest& request) {
                ++requests_;
                const std::string path = request.path.substr(std::string("/ledger/").size());
                return path == ledger::kCheckpointPath ? tree_->Checkpoint() : tree_->File(path);
              }).value();
  }
  ~PublishedLedger() { server_->Stop(); }
  PublishedLedger(const PublishedLedger&) = delete;
  PublishedLedger& operator=(const PublishedLedger&) = delete;

  void Append(std::uint64_t count) { ledger::AppendTests(*ledger_, count); }
  bool Publish() { return publisher_->PublishNewest(); }
  LedgerPublisher& publisher() { return *publisher_; }
  const std::string& said() const { return said_; }  // by the publisher
  std::string key() const { return ledger_->verifier().ToText(); }
  std::size_t requests() const { return requests_; }
  cli::Options Given() const {
    cli::Options out;
    out.file = "https://127.0.0.1:" + std::to_string(server_->port()) + "/ledger";
    out.host_ca = ca_file_;
    out.log_key = key();
    out.json = true;
    return out;
  }

 private:
  const std::unique_ptr<store::Store> store_;
  const std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<LedgerPublisher> publisher_;
  std::unique_ptr<LedgerTree> tree_;
  std::string ca_file_, said_;
  std::atomic<std::size_t> requests_{0};
  std::unique_ptr<HttpServer> server_;
};

}  // namespace assay
