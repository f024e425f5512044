// cert: a TLS certificate for a key of this machine, as long as it is trusted.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "agent/program.h"
#include "agent/run_parts.h"
#include "base/limits.h"
#include "crypto/signing_request.h"
#include "guest/files.h"

namespace assay::agent {
namespace {

// In a file of its owner's alone; made if there is none.
Result<SigningKey> OpenTlsKey(const std::string& path) {
  struct stat what {};
  const bool missing = ::stat(path.c_str(), &what) != 0 && errno == ENOENT;
  if (!missing) return SigningKey::Load(path);
  SigningKey key = TRY(SigningKey::Generate(KeyType::kP256));
  TRY_VOID(key.Save(path));
  return key;
}

// Of the key that was asked for.
Result<void> WriteCertificate(const std::string& path, const std::string& pem, View request) {
  const SigningRequest asked = TRY(ParseSigningRequest(request));
  const auto chain = TRY(CertificatesFromPem(pem));
  if (chain.front()->key().SpkiDigest() != asked.key.SpkiDigest()) {
    return Fail(ErrorCode::kMalformed, "the service certified another key than was asked for");
  }
  return WriteFile(path, AsBytes(pem));
}

Result<Said> Obtain(const Options& options) {
  const CertOptions& own = options.cert;
  const SigningKey key = TRY(OpenTlsKey(own.key_file));
  const Bytes request = TRY(MakeSigningRequest(key, own.dns));
  Said said = TRY(WithMachine(options, [&](const Machine& machine, const Service& service) {
    return Certify(machine, service, request, std::chrono::seconds(own.lifetime));
  }));
  if (!said.yes()) return said;
  TRY_VOID(WriteCertificate(own.certificate_file, TRY(said.body.String("certificate", "answer")),
                            request));
  return said;
}

// The new certificate is there all the same: what uses it can be told again.
void Reload(const CertOptions& own) {
  if (own.reload.empty()) return;
  const auto end = RunProgram(own.reload, View());
  if (!end) {
    fmt::print(stderr, "reload: {}\n", end.error().message);
  } else if (end->code != 0) {
    fmt::print(stderr, "reload: {} ended with {}\n", own.reload.front(), end->code);
  }
}

}  // namespace

Result<int> RunCert(const Options& options) {
  const CertOptions& own = options.cert;
  if (!own.renew) {
    const Said said = TRY(Obtain(options));
    if (said.yes() && !options.json) {
      fmt::print("{}: until {}\n", own.certificate_file,
                 TRY(said.body.String("expires", "answer")));
    }
    return Report(said, options);
  }
  // Mistakes in the options end it; nothing else does.
  TRY(ServiceOf(options));
  TRY(KeysOf(options));
  TRY(OpenTlsKey(own.key_file));
  return Repeat([&options, &own](Step step) {
    const bool enrol = step == Step::kEnrol;
    const Result<Said> said = enrol ? WithMachine(options, Enrol) : Obtain(options);
    Tell(enrol ? "enrol" : "certify", said);
    if (!enrol && said && said->yes()) Reload(own);
    return OutcomeOf(said);
  });
}

}  // namespace assay::agent
