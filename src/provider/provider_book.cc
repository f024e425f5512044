#include "provider/provider_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/jose.h"

namespace assay {
namespace {

using policy::AttestationType;

Bytes Key(std::string_view text) { return ToBytes(AsBytes(text)); }
Bytes ProviderKey(std::string_view name) { return Key(fmt::format("provider/{}", name)); }
Bytes CertificatesKey(std::string_view name) { return Key(fmt::format("certificates/{}", name)); }
Bytes PolicyKey(std::string_view name, AttestationType type) {
  return Key(fmt::format("policy/{}/{}", name, policy::Name(type)));
}
std::string HistoryPrefix(std::string_view name, AttestationType type) {
  return fmt::format("history/{}/{}/", name, policy::Name(type));
}
Bytes HistoryKey(std::string_view name, AttestationType type, std::uint64_t number) {
  return Key(fmt::format("{}{:020}", HistoryPrefix(name, type), number));
}

store::Put PutJson(Bytes key, json::Value value) {
  return {std::move(key), ToBytes(AsBytes(json::Write(value)))};
}

json::Array CertificatesJson(const std::vector<CertificatePtr>& certificates) {
  json::Array out;
  for (const CertificatePtr& one : certificates) out.emplace_back(Base64Encode(one->der()));
  return out;
}

Result<std::vector<CertificatePtr>> CertificatesFromJson(View text) {
  const json::Value document = TRY(json::Parse(AsText(text)));
  std::vector<CertificatePtr> out;
  if (document.AsArray() == nullptr) {
    return Fail(ErrorCode::kMalformed, "store: expected a list of certificates");
  }
  for (const json::Value& one : *document.AsArray()) {
    if (one.AsString() == nullptr) {
      return Fail(ErrorCode::kMalformed, "store: expected a certificate in base64");
    }
    out.push_back(TRY(Certificate::FromDer(TRY(Base64Decode(*one.AsString())))));
  }
  return out;
}

json::Object RevisionJson(const Revision& revision) {
  return {
      {"revision", revision.number}, {"token", revision.token}, {"at", FormatTime(revision.at)}};
}

Result<Revision> RevisionFrom(const store::Entry& entry) {
  const json::Value document = TRY(json::Parse(AsText(entry.value)));
  Revision out;
  out.number = static_cast<std::uint64_t>(TRY(document.Int("revision", "policy.revision")));
  out.token = TRY(document.String("token", "policy.token"));
  out.at = TRY(ParseTime(TRY(document.String("at", "policy.at"))));
  out.version = entry.version;
  return out;
}

Result<void> CheckCertificates(const std::vector<CertificatePtr>& certificates) {
  if (certificates.size() > limits::kManagementCertificates) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a provider has at most {} policy management certificates",
                            limits::kManagementCertificates));
  }
  for (const CertificatePtr& one : certificates) TRY_VOID(CheckJoseKey(one->key()));
  return {};
}

bool Holds(const std::vector<CertificatePtr>& list, const Certificate& certificate) {
  return std::any_of(list.begin(), list.end(), [&certificate](const CertificatePtr& one) {
    return Equal(one->der(), certificate.der());
  });
}

// The batch is decided on `state` and moves its version: so no change slips in between another's
// decision and its commit, neither one of the certificates nor the deletion of all.
store::Batch BasedOn(const ProviderState& state) {
  const Bytes key = ProviderKey(state.provider.name);
  return {{{key, state.version}}, {PutJson(key, ProviderJson(state.provider))}, {}};
}

Result<void> RequireIsolated(const ProviderState& state) {
  if (state.provider.model == TrustModel::kIsolated) return {};
  return Fail(ErrorCode::kUnsupported,
              fmt::format("provider {}: has the trust model {}, which has no policy management "
                          "certificates",
                          state.provider.name, Name(state.provider.model)),
              "only an isolated provider has them");
}

}  // namespace

Result<void> ProviderBook::Create(const Provider& provider,
                                  const std::vector<CertificatePtr>& certificates) {
  TRY_VOID(CheckProviderName(provider.name));
  TRY_VOID(CheckCertificates(certificates));
  const bool isolated = provider.model == TrustModel::kIsolated;
  if (isolated && certificates.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "an isolated provider needs a policy management certificate",
                "--certificate FILE: nobody could change its policies without one");
  }
  if (!isolated && !certificates.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "only an isolated provider has policy management certificates",
                "leave out --certificate, or create it with --model isolated");
  }
  if (TRY(List()).size() >= limits::kProviders) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a service has at most {} providers", limits::kProviders));
  }
  store::Batch batch;
  batch.expectations = {{ProviderKey(provider.name), 0}};
  batch.puts = {PutJson(ProviderKey(provider.name), ProviderJson(provider))};
  if (isolated) {
    batch.puts.push_back(PutJson(CertificatesKey(provider.name), CertificatesJson(certificates)));
  }
  const auto committed = store_.Commit(batch);
  if (committed) return {};
  if (committed.error().code != ErrorCode::kConflict) return tl::unexpected(committed.error());
  return Fail(ErrorCode::kConflict, fmt::format("provider {}: exists already", provider.name),
              "choose another name, or delete it first");
}

Result<std::vector<Provider>> ProviderBook::List() {
  std::vector<Provider> out;
  const std::vector<store::Entry> entries = TRY(store::ScanAll(store_, AsBytes("provider/")));
  for (const store::Entry& entry : entries) {
    out.push_back(TRY(ProviderFromJson(AsText(entry.value))));
  }
  return out;
}

Result<std::optional<ProviderState>> ProviderBook::Find(std::string_view name) {
  if (!IsProviderName(name)) return std::optional<ProviderState>();
  const auto entry = TRY(store_.Get(ProviderKey(name)));
  if (!entry) return std::optional<ProviderState>();
  ProviderState out;
  out.provider = TRY(ProviderFromJson(AsText(entry->value)));
  out.version = entry->version;
  if (const auto list = TRY(store_.Get(CertificatesKey(name)))) {
    out.certificates = TRY(CertificatesFromJson(list->value));
  }
  return std::optional<ProviderState>(std::move(out));
}

Result<void> ProviderBook::Delete(std::string_view name) {
  TRY_VOID(CheckProviderName(name));
  const auto entry = TRY(store_.Get(ProviderKey(name)));
  if (!entry) {
    return Fail(ErrorCode::kMissing, fmt::format("provider {}: there is none", name),
                "assay provider list");
  }
  store::Batch batch;
  batch.expectations = {{ProviderKey(name), entry->version}};
  batch.deletes = {ProviderKey(name), CertificatesKey(name)};
  for (const char* kind : {"policy", "history"}) {
    const std::string prefix = fmt::format("{}/{}/", kind, name);
    const std::vector<store::Entry> entries = TRY(store::ScanAll(store_, AsBytes(prefix)));
    for (const store::Entry& one : entries) batch.deletes.push_back(one.key);
  }
  TRY_VOID(store_.Commit(batch).map([](std::uint64_t) {}));
  return {};
}

Result<std::optional<Revision>> ProviderBook::Policy(std::string_view name, AttestationType type) {
  const auto entry = TRY(store_.Get(PolicyKey(name, type)));
  if (!entry) return std::optional<Revision>();
  return std::optional<Revision>(TRY(RevisionFrom(*entry)));
}

Result<std::vector<Revision>> ProviderBook::History(std::string_view name, AttestationType type) {
  std::vector<Revision> out;
  const std::string prefix = HistoryPrefix(name, type);
  const std::vector<store::Entry> entries = TRY(store::ScanAll(store_, AsBytes(prefix)));
  for (const store::Entry& entry : entries) out.push_back(TRY(RevisionFrom(entry)));
  if (auto current = TRY(Policy(name, type))) out.push_back(std::move(*current));
  std::reverse(out.begin(), out.end());
  return out;
}

Result<Revision> ProviderBook::SetPolicy(const ProviderState& state, AttestationType type,
                                         const std::optional<Revision>& before, std::string token,
                                         Time now) {
  const std::string& name = state.provider.name;
  Revision out{before ? before->number + 1 : 1, std::move(token), now, 0};
  store::Batch batch = BasedOn(state);
  batch.expectations.push_back({PolicyKey(name, type), before ? before->version : 0});
  batch.puts.push_back(PutJson(PolicyKey(name, type), RevisionJson(out)));
  if (before) {
    batch.puts.push_back(PutJson(HistoryKey(name, type, before->number), RevisionJson(*before)));
  }
  if (out.number > limits::kPolicyRevisions) {
    batch.deletes = {HistoryKey(name, type, out.number - limits::kPolicyRevisions)};
  }
  out.version = TRY(store_.Commit(batch));
  return out;
}

Result<void> ProviderBook::AddCertificate(const ProviderState& state,
                                          const CertificatePtr& certificate) {
  TRY_VOID(RequireIsolated(state));
  if (Holds(state.certificates, *certificate)) return {};
  std::vector<CertificatePtr> list = state.certificates;
  list.push_back(certificate);
  TRY_VOID(CheckCertificates(list));
  store::Batch batch = BasedOn(state);
  batch.puts.push_back(PutJson(CertificatesKey(state.provider.name), CertificatesJson(list)));
  return store_.Commit(batch).map([](std::uint64_t) {});
}

Result<void> ProviderBook::RemoveCertificate(const ProviderState& state,
                                             const CertificatePtr& certificate) {
  TRY_VOID(RequireIsolated(state));
  if (!Holds(state.certificates, *certificate)) return {};
  if (state.certificates.size() == 1) {
    return Fail(ErrorCode::kUnsupported, "the last policy management certificate cannot be removed",
                "nobody could change this provider afterwards; add another one first");
  }
  std::vector<CertificatePtr> list = state.certificates;
  list.erase(std::remove_if(list.begin(), list.end(),
                            [&certificate](const CertificatePtr& one) {
                              return Equal(one->der(), certificate->der());
                            }),
             list.end());
  store::Batch batch = BasedOn(state);
  batch.puts.push_back(PutJson(CertificatesKey(state.provider.name), CertificatesJson(list)));
  return store_.Commit(batch).map([](std::uint64_t) {});
}

}  // namespace assay
