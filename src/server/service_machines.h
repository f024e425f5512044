// The machines of a running service: their store, the monitor's rounds, the messages to webhooks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "api/machine_service.h"
#include "store/store.h"

namespace assay {

struct ServiceMachinesOptions {
  std::string state_dir;
  MachineServiceOptions machines;
  std::string webhook_url;  // empty: nobody is told
  std::string webhook_secret_file;
  std::string webhook_ca;  // PEM; empty: the system's authorities
  // For the log.
  std::function<void(std::string_view event, json::Object fields)> log;
};

// Two threads, from Start to Stop.
class ServiceMachines {
 public:
  static Result<std::unique_ptr<ServiceMachines>> Open(ServiceMachinesOptions options);
  ~ServiceMachines() { Stop(); }

  MachineService& service() { return *service_; }
  void Start();
  void Stop();

 private:
  ServiceMachines(ServiceMachinesOptions options, std::unique_ptr<store::Store> store,
                  Bytes webhook_secret)
      : options_(std::move(options)),
        store_(std::move(store)),
        webhook_secret_(std::move(webhook_secret)) {}

  bool Sleep(std::chrono::milliseconds time);
  void Watch();
  void Announce();
  std::size_t AnnounceDue();

  const ServiceMachinesOptions options_;
  const std::unique_ptr<store::Store> store_;
  const Bytes webhook_secret_;
  std::unique_ptr<MachineService> service_;
  std::mutex mutex_;  // for wake_
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::thread watcher_, announcer_;
};

}  // namespace assay
