// The custom providers of a service, each with its AttestService. What the store says holds from
// the next request on, whoever wrote it: this process, or the command line beside it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/attest_service.h"
#include "api/request_pace.h"
#include "provider/provider_book.h"
#include "store/store.h"

namespace assay {

// A service with the keys and the issuer of that provider; its policies come from the host.
using ServiceMaker = std::function<Result<std::shared_ptr<AttestService>>(const Provider&)>;
// The keys of that provider as they stand in its folder now.
using KeyOpener = std::function<Result<std::shared_ptr<const KeyRing>>(const Provider&)>;
// Told why a provider cannot answer, for the log: clients are not.
using FailureReport = std::function<void(std::string_view provider, const Error&)>;

// Safe for concurrent use.
class ProviderHost {
 public:
  // The store outlives the host.
  ProviderHost(store::Store& store, ServiceMaker make, FailureReport report = {})
      : store_(store), make_(std::move(make)), report_(std::move(report)) {}

  // Null when there is no such provider. An error when what is stored of it cannot be used: then it
  // answers nothing, rather than under other policies than its own.
  Result<std::shared_ptr<AttestService>> Find(std::string_view name);

  // Asked for each attestation, after Find: how long to wait, if the provider's limit is reached.
  std::optional<std::chrono::seconds> Overrun(std::string_view name,
                                              RequestPace::Clock::time_point now);

  // Gives each provider that has been asked for so far the keys that `open` finds; the others read
  // theirs when they are first asked for. Where it fails, the keys in force stay and the error is
  // reported. Returns how many have new ones.
  // Not for two threads at a time: the older keys could win.
  std::size_t ReloadKeys(const KeyOpener& open);

  store::Store& store() { return store_; }

 private:
  struct Known {
    Provider provider;
    std::uint64_t version = 0;
    std::shared_ptr<AttestService> service;
    std::shared_ptr<RequestPace> pace;
  };
  Result<std::shared_ptr<AttestService>> Look(std::string_view name);
  Result<Known> Load(const ProviderState& state, const Known* before);

  store::Store& store_;
  const ServiceMaker make_;
  const FailureReport report_;
  // Guards known_. Held while the store is read, too: otherwise a slow reader could put an older
  // policy back into force. Making the keys of a new provider takes a tenth of a second, once.
  std::mutex mutex_;
  std::map<std::string, Known, std::less<>> known_;
};

// The policies that hold in a provider: its own, and the defaults where it has none.
Result<PolicySet> PoliciesOf(store::Store& store, std::string_view provider);

}  // namespace assay
