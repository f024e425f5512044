#include "server/service_machines.h"

#include <algorithm>

#include "monitor/webhook.h"
#include "net/http_client.h"
#include "server/key_files.h"
#include "server/state_dir.h"
#include "store/group_store.h"
#include "store/sqlite/sqlite_store.h"

namespace assay {
namespace {

// A round reads each machine's record: often enough to notice silence in time, and no oftener.
constexpr std::chrono::seconds kWatchAtLeast{1}, kWatchAtMost{30};
constexpr int kRoundsInInterval = 6;
constexpr std::chrono::milliseconds kAnnounceEvery{500};
// Sent in one go before it is asked whether the service stops.
constexpr std::size_t kAtATime = 16;

Result<Bytes> ReadSecret(const ServiceMachinesOptions& options) {
  if (options.webhook_url.empty()) return Bytes();
  if (options.webhook_secret_file.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "a webhook needs a secret to sign its messages with",
                "--webhook-secret FILE; echo whsec_$(openssl rand -base64 32) > FILE");
  }
  return monitor::ParseWebhookSecret(TRY(ReadWholeFile(options.webhook_secret_file)));
}

}  // namespace

Result<std::unique_ptr<ServiceMachines>> ServiceMachines::Open(ServiceMachinesOptions options) {
  options.machines.fleet.announce = !options.webhook_url.empty();
  Bytes secret = TRY(ReadSecret(options));
  const Time start = options.machines.clock() - std::chrono::hours(1);  // clocks may be behind
  KeyPair authority = TRY(OpenMachineAuthority(options.state_dir, start));
  options.machines.authority =
      MachineAuthority{std::move(authority.key), std::move(authority.certificate)};
  auto store =
      store::GroupCommits(TRY(store::OpenSqliteStore(MachineStoreFile(options.state_dir))));
  std::unique_ptr<ServiceMachines> out(
      new ServiceMachines(std::move(options), std::move(store), std::move(secret)));
  out->service_ = TRY(MachineService::Make(*out->store_, out->options_.machines));
  return out;
}

void ServiceMachines::Start() {
  watcher_ = std::thread([this] { Watch(); });
  if (!options_.webhook_url.empty()) announcer_ = std::thread([this] { Announce(); });
}

void ServiceMachines::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (watcher_.joinable()) watcher_.join();
  if (announcer_.joinable()) announcer_.join();
}

bool ServiceMachines::Sleep(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [this] { return stopping_.load(); });
  return !stopping_;
}

void ServiceMachines::Watch() {
  const Time up_since = service_->now();
  const std::chrono::seconds every =
      std::clamp(options_.machines.fleet.interval / kRoundsInInterval, kWatchAtLeast, kWatchAtMost);
  while (Sleep(every)) {
    const Result<void> done = service_->Inspect(up_since);
    if (!done) options_.log("machines_not_inspected", {{"error", done.error().message}});
  }
}

std::size_t ServiceMachines::AnnounceDue() {
  monitor::WebhookQueue queue(*store_);
  const auto due = queue.Due(service_->now(), kAtATime);
  if (!due) {
    options_.log("webhooks_not_read", {{"error", due.error().message}});
    return 0;
  }
  HttpClientOptions http;
  http.total_timeout = std::chrono::seconds(10);
  http.ca_file = options_.webhook_ca;
  http.cancelled = [this] { return stopping_.load(); };
  const HttpClient client(http);
  for (const monitor::Announcement& one : *due) {
    if (stopping_) break;
    auto headers = monitor::SignWebhook(webhook_secret_, one, service_->now());
    headers.emplace_back("Content-Type", "application/json");
    const auto answer = client.Post(options_.webhook_url, one.body, headers);
    if (answer && answer->status >= 200 && answer->status < 300) {
      const auto done = queue.Taken(one);
      if (!done) options_.log("webhook_not_removed", {{"error", done.error().message}});
      continue;
    }
    const auto given_up = queue.NotTaken(one, service_->now());
    options_.log("webhook_not_taken", {{"id", one.id},
                                       {"attempt", one.attempts + 1},
                                       {"error", answer ? "status " + std::to_string(answer->status)
                                                        : answer.error().message},
                                       {"given_up", given_up && *given_up}});
  }
  return due->size();
}

void ServiceMachines::Announce() {
  std::size_t sent = 0;
  while (sent == kAtATime ? !stopping_ : Sleep(kAnnounceEvery)) sent = AnnounceDue();
}

}  // namespace assay
