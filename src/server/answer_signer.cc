#include "server/answer_signer.h"

#include "server/state_dir.h"

namespace assay {
namespace {

// Answers are checked when they come, not years later.
constexpr int kAnswerSignerDays = 3650;

}  // namespace

Result<release::AnswerSigner> OpenAnswerSigner(const std::string& state_dir,
                                               const std::string& host, Time now) {
  const Time start = now - std::chrono::hours(1);  // clients' clocks may be behind
  const KeyPair authority = TRY(OpenLocalAuthority(state_dir, start));
  const CertificateRequest request{
      host.empty() ? "localhost" : host, {}, start, kAnswerSignerDays, false, false};
  KeyPair own = TRY(OpenKeyPair(state_dir + "/release", KeyType::kRsa2048, request, &authority));
  return release::AnswerSigner{std::move(own.key), {own.certificate, authority.certificate}};
}

}  // namespace assay
