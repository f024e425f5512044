#include "agent/stand_in.h"

#include <algorithm>

#include "agent/tpm_acts.h"
#include "base/encoding.h"
#include "tee/tpm/ima_log.h"
#include "tee/tpm/structures.h"

namespace assay {
namespace {

HttpResponse Say(unsigned status, json::Object body) {
  HttpResponse out;
  out.status = status;
  out.body = json::Write(json::Value(std::move(body)));
  return out;
}

HttpResponse Refuse(unsigned status, std::string code, std::string message) {
  return Say(status,
             {{"error", json::Object{{"code", std::move(code)}, {"message", std::move(message)}}}});
}

Bytes Decoded(const json::Value& body, std::string_view name) {
  return Base64UrlDecode(body.String(name, "request").value()).value();
}

std::string MachineOf(const Bytes& ak_name) {
  return HexEncode(View(ak_name).subspan(2)).substr(0, 32);
}

// "/machines/ID:action"
std::string IdIn(const std::string& path) {
  const std::size_t begin = std::string_view("/machines/").size();
  return path.substr(begin, path.find(':') - begin);
}

}  // namespace

StandIn::StandIn(const std::string& folder) : files_(MakeTlsFiles(folder, {"IP:127.0.0.1"})) {
  Start();
}

void StandIn::Start() {
  HttpServerOptions options;
  options.port = port_;
  options.certificate_file = files_.certificate;
  options.key_file = files_.key;
  server_ = HttpServer::Start(options, [this](const HttpRequest& request) {
              return Handle(request);
            }).value();
  port_ = server_->port();
}

void StandIn::Stop() { server_.reset(); }

void StandIn::Forget() {
  const std::lock_guard lock(mutex_);
  machines_.clear();
}

void StandIn::ExpireNextNonces(unsigned count) {
  const std::lock_guard lock(mutex_);
  expire_ = count;
}

void StandIn::SetNextIn(int seconds) {
  const std::lock_guard lock(mutex_);
  next_in_ = seconds;
}

void StandIn::LetWait() {
  const std::lock_guard lock(mutex_);
  let_wait_ = true;
}

void StandIn::AskToAttest() {
  const std::lock_guard lock(mutex_);
  asked_ = true;
}

void StandIn::WrongCredentials() {
  const std::lock_guard lock(mutex_);
  wrong_credentials_ = true;
}

void StandIn::KnowLogsOfLastAttestation() {
  const std::lock_guard lock(mutex_);
  const json::Value document = json::Parse(seen_.last_evidence).value();
  known_ima_ = Decoded(document, "ima_log");
  known_event_log_ = Decoded(document, "event_log");
  const Bytes message = Decoded(document.Find("quotes")->AsArray()->front(), "message");
  reset_count_ = tpm::ParseQuote(message)->reset_count;
}

void StandIn::ForgetLogs() {
  const std::lock_guard lock(mutex_);
  forgot_logs_ = true;
}

StandIn::Seen StandIn::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

HttpResponse StandIn::Handle(const HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  seen_.last_authorization = request.Header("authorization");
  const auto body = json::Parse(request.body);
  if (!body) return Refuse(400, "InvalidParameter", body.error().message);
  if (request.path == "/machines:enroll") return Enroll(*body);
  if (request.path == "/machines:activate") return Activate(*body);
  if (request.path.ends_with(":challenge")) return Challenge(IdIn(request.path));
  if (request.path.ends_with(":attest")) return Attest(IdIn(request.path), request);
  if (request.path.ends_with(":wait") && let_wait_) return Wait(request);
  return Refuse(404, "NotFound", request.path);
}

HttpResponse StandIn::Wait(const HttpRequest& request) {
  if (request.waited.count() == 0) ++seen_.waits;
  HttpResponse out = Say(200, {{"attest", std::exchange(asked_, false)}});
  const bool asked = out.body.find("true") != std::string::npos;
  const auto longest = std::chrono::seconds(std::stoi(std::string(request.Parameter("seconds"))));
  if (!asked && request.waited < longest) out.again_in = std::chrono::milliseconds(100);
  return out;
}

HttpResponse StandIn::Enroll(const json::Value& body) {
  Bytes name = tpm::ParsePublicArea(Decoded(body, "ak"))->Name();
  if (const json::Value* const shown = body.Find("name")) seen_.last_name = *shown->AsString();
  if (const json::Value* const list = body.Find("ek_certificates")) {
    seen_.ek_certificates = list->AsArray()->size();
  }
  // Also the nonce, where the key has a certificate and is to quote.
  const Bytes secret = RandomBytes(32).value();
  const std::string id = Base64UrlEncode(RandomBytes(16).value());
  enrolments_[id] = {MachineOf(name), name, secret};
  if (const json::Value* const list = body.Find("ak_certificates")) {
    seen_.ak_certificates = list->AsArray()->size();
    return Say(200, {{"enrolment", id}, {"nonce", Base64UrlEncode(secret)}, {"expires_in", 60}});
  }
  if (wrong_credentials_) name.back() ^= std::byte{1};
  const Credential made = MakeCredential(tpm_, Decoded(body, "ek"), name, secret);
  return Say(200, {{"enrolment", id},
                   {"credential_blob", Base64UrlEncode(made.blob)},
                   {"encrypted_secret", Base64UrlEncode(made.secret)},
                   {"expires_in", 60}});
}

bool StandIn::Proves(const Enrolment& enrolment, const json::Value& body) {
  const json::Value* const evidence = body.Find("evidence");
  if (evidence == nullptr) return Decoded(body, "secret") == enrolment.secret;
  Expectations expectations;
  expectations.report_data = enrolment.secret;
  expectations.enrolled_aks = {enrolment.ak_name};
  const std::string text = json::Write(*evidence);
  const auto verdict =
      appraiser_.Appraise(AsBytes(text), "tpm", Collateral{}, expectations, Time{});
  // As the service: only the key is in question, and the logs need not come.
  return verdict &&
         std::none_of(verdict->checks.begin(), verdict->checks.end(), [](const Check& one) {
           const bool of_key = one.name.starts_with("ak.") || one.name.starts_with("quote.");
           return of_key && one.outcome == Outcome::kFail;
         });
}

HttpResponse StandIn::Activate(const json::Value& body) {
  const auto found = enrolments_.find(body.String("enrolment", "request").value());
  if (found == enrolments_.end()) return Refuse(410, "EnrolmentExpired", "ask anew");
  const Enrolment enrolment = found->second;
  enrolments_.erase(found);
  if (!Proves(enrolment, body)) {
    return Refuse(403, "ActivationRefused", "that proves nothing");
  }
  machines_[enrolment.machine] = enrolment.ak_name;
  ++seen_.enrolled;
  return Say(201, {{"machine", enrolment.machine},
                   {"state", "trusted"},
                   {"route", "ek-certificate"},
                   {"warnings", json::Array{}}});
}

HttpResponse StandIn::Challenge(const std::string& machine) {
  if (!machines_.contains(machine)) return Refuse(404, "MachineNotFound", "enrol first");
  const std::string nonce = Base64UrlEncode(RandomBytes(32).value());
  nonces_.insert(nonce);
  json::Object out{{"nonce", nonce}, {"expires_in", 60}};
  if (!known_event_log_.empty()) {
    out.emplace_back("ima_known", std::uint64_t{tpm::ParseImaLog(known_ima_)->size()});
    out.emplace_back("reset_count", std::int64_t{reset_count_});
    out.emplace_back("event_log_known", HexEncode(Sha256(known_event_log_)));
  }
  return Say(200, std::move(out));
}

std::string StandIn::Completed(const std::string& evidence) const {
  const json::Value document = json::Parse(evidence).value();
  json::Object out;
  for (const auto& [name, value] : *document.AsObject()) {
    if (name == "event_log_sha256") {
      out.emplace_back("event_log", Base64UrlEncode(known_event_log_));
    } else if (name == "ima_log" && document.Find("ima_from") != nullptr) {
      Bytes whole = known_ima_;
      Append(whole, Decoded(document, "ima_log"));
      out.emplace_back("ima_log", Base64UrlEncode(whole));
    } else if (name != "ima_from") {
      out.emplace_back(name, value);
    }
  }
  return json::Write(json::Value(std::move(out)));
}

HttpResponse StandIn::Attest(const std::string& machine, const HttpRequest& request) {
  const auto known = machines_.find(machine);
  if (known == machines_.end()) return Refuse(404, "MachineNotFound", "enrol first");
  const std::string nonce(request.Parameter("nonce"));
  const bool live = nonces_.erase(nonce) == 1;
  if (!live || expire_ > 0) {
    if (expire_ > 0) --expire_;
    return Refuse(410, "NonceExpired", "ask for a new challenge");
  }
  seen_.last_evidence = request.body;
  if (forgot_logs_ && request.body.find("\"ima_from\"") != std::string::npos) {
    return Refuse(409, "EvidenceIncomplete", "send it whole");
  }
  Expectations expectations;
  expectations.report_data = Base64UrlDecode(nonce).value();
  expectations.enrolled_aks = {known->second};
  const auto verdict = appraiser_.Appraise(AsBytes(Completed(request.body)), "tpm", Collateral{},
                                           expectations, Time{});
  if (!verdict) return Refuse(400, "InvalidParameter", verdict.error().message);
  if (verdict->trusted) {
    ++seen_.attested;
    return Say(200, {{"token", "aaa.bbb.ccc"}, {"state", "trusted"}, {"next_in", next_in_}});
  }
  ++seen_.denied;
  seen_.last_denial.clear();
  json::Array checks;
  for (const Check& check : verdict->checks) {
    if (check.outcome != Outcome::kFail) continue;
    seen_.last_denial += std::string(check.name) + " ";
    checks.emplace_back(
        json::Object{{"name", check.name}, {"expected", check.expected}, {"found", check.found}});
  }
  return Say(403, {{"error", json::Object{{"code", "EvidenceNotTrusted"},
                                          {"message", "the evidence is not trusted"}}},
                   {"failedChecks", std::move(checks)},
                   {"next_in", next_in_}});
}

}  // namespace assay
