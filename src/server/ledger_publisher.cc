#include "server/ledger_publisher.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "net/http_client.h"
#include "witness/add_checkpoint.h"

namespace assay {
namespace {

witness::AskWitness AskOver(const std::string& url, const std::string& ca_file) {
  HttpClientOptions options;
  options.connect_timeout = limits::kWitnessConnectTimeout;
  options.total_timeout = limits::kWitnessTimeout;
  options.body_bytes = limits::kWitnessAnswerBytes;
  options.ca_file = ca_file;
  return [client = HttpClient(std::move(options)),
          url = url + std::string(witness::kAddCheckpointPath)](
             const std::string& body) -> Result<witness::WitnessReply> {
    const HttpClientResponse response =
        TRY(client.Post(url, body, {{"Content-Type", "text/plain; charset=utf-8"}}));
    return witness::WitnessReply{static_cast<unsigned>(response.status),
                                 std::string(AsText(response.body))};
  };
}

}  // namespace

Result<WitnessAddress> ParseWitnessAddress(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("witness \"{}\": expected \"VKEY URL\"", text),
                "the key as `assay witness` prints it, a space, and the URL it is reached at");
  }
  WitnessAddress out{TRY(ledger::NoteVerifier::Parse(text.substr(0, space))),
                     std::string(text.substr(text.find_last_of(' ') + 1))};
  while (out.url.ends_with('/')) out.url.pop_back();
  if (!out.url.starts_with("https://")) {
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("witness {}: expected an https:// URL, found \"{}\"", out.key.name, out.url));
  }
  return out;
}

LedgerPublisher::LedgerPublisher(ledger::Ledger& ledger, store::Store& store,
                                 LedgerPublisherOptions options, witness::Quorum quorum)
    : ledger_(ledger), store_(store), options_(std::move(options)), quorum_(std::move(quorum)) {
  for (const WitnessAddress& one : options_.witnesses) {
    peers_.push_back({one.key, AskOver(one.url, options_.ca_file)});
  }
}

Result<std::unique_ptr<LedgerPublisher>> LedgerPublisher::Make(ledger::Ledger& ledger,
                                                               store::Store& store,
                                                               LedgerPublisherOptions options) {
  witness::Quorum quorum;
  for (const WitnessAddress& one : options.witnesses) quorum.witnesses.push_back(one.key);
  // One that is set up with witnesses waits for all of them unless it is told otherwise.
  quorum.needed = options.quorum == 0 ? quorum.witnesses.size() : options.quorum;
  TRY_VOID(CheckQuorum(quorum));
  return std::unique_ptr<LedgerPublisher>(
      new LedgerPublisher(ledger, store, std::move(options), std::move(quorum)));
}

void LedgerPublisher::Start() {
  if (!peers_.empty()) thread_ = std::thread([this] { Run(); });
}

void LedgerPublisher::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LedgerPublisher::Run() {
  for (std::unique_lock lock(mutex_); !stopping_;) {
    lock.unlock();
    PublishNewest();
    lock.lock();
    wake_.wait_for(lock, limits::kPublicationPause, [this] { return stopping_; });
  }
}

bool LedgerPublisher::PublishNewest() {
  // What other processes appended, too. A store that was forked is told by it.
  auto done = ledger_.Refresh();
  const std::string note = ledger_.signed_checkpoint();
  if (done && note == published_) return true;
  if (done) done = Publish(note);
  if (!done) {
    Report(done.error().message, done.error().hint);
    return false;
  }
  published_ = note;
  return true;
}

Result<void> LedgerPublisher::Publish(const std::string& note) {
  const ledger::Checkpoint checkpoint = TRY(ledger::OpenCheckpoint(note, ledger_.verifier()));
  ledger::StoreTiles tiles(store_);
  const witness::Cosigned cosigned =
      witness::Cosign({checkpoint, note, tiles}, peers_, quorum_.needed);
  for (const Error& error : cosigned.errors) Report(error.message, error.hint);
  if (!cosigned.note) {
    return Fail(ErrorCode::kIo,
                fmt::format("ledger: the checkpoint of {} entries has cosignatures of {} of {} "
                            "witnesses, and {} are needed: it is not published",
                            checkpoint.size, peers_.size() - cosigned.errors.size(), peers_.size(),
                            quorum_.needed));
  }
  TRY_VOID(WritePublication(store_, ledger_.verifier(), quorum_, *cosigned.note));
  options_.log("ledger_published",
               {{"size", checkpoint.size},
                {"cosignatures", std::uint64_t{peers_.size() - cosigned.errors.size()}}});
  reported_.clear();
  return {};
}

// The same again and again is said once.
void LedgerPublisher::Report(std::string what, std::string hint) {
  if (reported_.find(what) != std::string::npos) return;
  reported_ += what + "\n";
  options_.log("ledger_not_published", {{"error", std::move(what)}, {"hint", std::move(hint)}});
}

}  // namespace assay
