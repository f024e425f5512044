// exec and unlock: released keys for programs that know nothing of Assay.
#include <fmt/format.h>
#include <unistd.h>

#include "agent/crypttab.h"
#include "agent/luks_volume.h"
#include "agent/run_parts.h"
#include "agent/secret_handover.h"
#include "base/limits.h"
#include "guest/files.h"

namespace assay::agent {
namespace {

// Those that sign what the vault releases.
Result<std::vector<CertificatePtr>> VaultAuthorities(const Options& options) {
  const std::string& file = options.vault_ca_file.empty() ? options.ca_file : options.vault_ca_file;
  if (file.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "whose signature under a released key is to be believed? expected --vault-ca",
                "it is ca.pem of the service's state folder");
  }
  const Bytes pem = TRY(ReadFile(file, limits::kAgentSmallFileBytes));
  return CertificatesFromPem(AsText(pem));
}

Result<Released> ReleaseAsAsked(const Options& options, const std::vector<KeyAddress>& keys) {
  const std::vector<CertificatePtr> authorities = TRY(VaultAuthorities(options));
  return WithMachine(options, [&](const Machine& machine, const Service& service) {
    return ReleaseKeys(machine, service, keys, authorities);
  });
}

Handed TokenFor(const Options& options, const std::string& token) {
  return {kTokenVariable, AsBytes(token),
          options.exec.token_in_environment ? Handover::kEnvironment : Handover::kDescriptor};
}

Result<int> RunWithSecrets(const Options& options, const std::vector<SecretOrder>& orders) {
  if (options.kind != "tpm") {
    return Fail(ErrorCode::kInvalidArgument, "--secret: expected --kind tpm, found " + options.kind,
                "other kinds of evidence do not name a key of this agent yet");
  }
  std::vector<KeyAddress> keys;
  for (const SecretOrder& order : orders) keys.push_back(order.key);
  const Released released = TRY(ReleaseAsAsked(options, keys));
  if (!released.said.yes()) return Report(released.said, options);
  const SecretPlaces places{options.exec.secret_folder, options.exec.secrets_in_environment};
  HandedSecrets secrets = TRY(HandOver(orders, released.keys, places));
  secrets.handed.push_back(TokenFor(options, released.token));
  return tl::unexpected(Execute(options.exec.program, secrets.handed));
}

// A volume's token says where its key is; what the command line says counts more, and whom to trust
// is never the volume's to say.
Options ForToken(const Options& options, const LuksToken& token) {
  Options out = options;
  if (out.server.empty()) {
    out.server = token.server;
    if (out.provider.empty()) out.provider = token.provider;
  }
  return out;
}

tl::unexpected<Error> NotSymmetric(const ReleasedKey& key) {
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("key {}: expected one of type oct for a volume, found {}", key.kid, key.kty));
}

Result<int> Enroll(const Options& options) {
  const UnlockOptions& own = options.unlock;
  if (options.server.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "--enroll: expected --server, whose vault has the key");
  }
  const KeyAddress wanted = TRY(ParseKeyAddress(own.enroll));
  const LuksHeader header = TRY(LuksVolume::Read(own.device)).header();
  const auto keyslot = FreeKeyslot(header);
  if (!keyslot) return Fail(ErrorCode::kInvalidArgument, own.device + ": all keyslots are in use");
  const Released released = TRY(ReleaseAsAsked(options, {wanted}));
  if (!released.said.yes()) return Report(released.said, options);
  const ReleasedKey& key = released.keys.front();
  if (key.kty != "oct") return NotSymmetric(key);
  // A later rotation makes another version; this volume keeps to the one that opens it.
  const KeyAddress exact{wanted.name, key.kid.substr(key.kid.rfind('/') + 1)};
  const LuksToken token{std::to_string(*keyslot), options.server, options.provider, exact};
  for (const LuksToken& other : header.tokens) {
    if (other.key.name != exact.name || other.key.version != exact.version) continue;
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: key {} opens it already, by keyslot {}", own.device, exact.name,
                            other.keyslot));
  }
  TRY_VOID(AddLuksKey(own.device, token, key.material.view(), own.key_file));
  if (options.json) {
    fmt::print("{}\n", LuksTokenJson(token));
  } else {
    fmt::print("{}: key {} opens it by keyslot {}\n", own.device, exact.name, token.keyslot);
  }
  return kExitTrusted;
}

// Standard output is a pipe, or the connection of systemd-cryptsetup.
Result<int> WriteKey(const ReleasedKey& key) {
  if (WriteAll(STDOUT_FILENO, key.material.view())) return kExitTrusted;
  return Fail(ErrorCode::kIo, "cannot write the key to the standard output");
}

int TellOpened(const Options& options, const LuksToken& token) {
  const std::string what = options.unlock.test ? "would open" : "opened";
  if (options.json) {
    fmt::print("{}\n", json::Write(json::Object{{"device", options.unlock.device},
                                                {"name", options.unlock.name},
                                                {"opened", !options.unlock.test},
                                                {"key", token.key.name},
                                                {"version", token.key.version},
                                                {"keyslot", token.keyslot}}));
  } else {
    fmt::print("{}: {} by key {}\n", options.unlock.device, what, token.key.name);
  }
  return kExitTrusted;
}

// One token after the other, until one opens it. What the last refusal was is told.
Result<int> Unlock(const Options& options) {
  const UnlockOptions& own = options.unlock;
  const LuksVolume volume = TRY(LuksVolume::Read(own.device));
  if (volume.header().tokens.empty()) {
    return Fail(ErrorCode::kMissing, own.device + ": its header has no token of type assay",
                "assay-agent unlock --enroll KEY DEVICE writes one");
  }
  Said refusal;
  for (const LuksToken& token : volume.header().tokens) {
    Released released = TRY(ReleaseAsAsked(ForToken(options, token), {token.key}));
    if (!released.said.yes()) {
      refusal = std::move(released.said);
      continue;
    }
    const ReleasedKey& key = released.keys.front();
    if (key.kty != "oct") return NotSymmetric(key);
    const bool hand_on = own.to_stdout || own.to_socket;
    if (TRY(volume.Open(token.keyslot, key.material.view(), hand_on ? "" : own.name))) {
      return hand_on ? WriteKey(key) : TellOpened(options, token);
    }
    refusal.status = 0;
    refusal.answer = Answer::kDenied;
    refusal.message = fmt::format("{}: key {} was released and does not open keyslot {}",
                                  own.device, token.key.name, token.keyslot);
  }
  return Report(refusal, options);
}

}  // namespace

Result<int> RunExec(const Options& options) {
  const std::vector<SecretOrder> orders = TRY(ParseSecretOrders(options.exec.secrets));
  if (!orders.empty()) return RunWithSecrets(options, orders);
  const Said said = TRY(AttestAsAsked(options));
  if (!said.yes()) return Report(said, options);
  const std::string token = TRY(said.body.String("token", "answer"));
  return tl::unexpected(Execute(options.exec.program, {TokenFor(options, token)}));
}

Result<int> RunUnlock(const Options& options) {
  Options asked = options;
  UnlockOptions& own = asked.unlock;
  if (own.to_socket) {
    const std::string volume = TRY(VolumeOfPeer(STDIN_FILENO));
    const Bytes crypttab = TRY(ReadFile(own.crypttab, limits::kAgentSmallFileBytes));
    own.device = TRY(DeviceInCrypttab(AsText(crypttab), volume));
  }
  if (own.device.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "expected the DEVICE to unlock",
                "for example: assay-agent unlock --ca ca.pem /dev/vdb data");
  }
  if (!own.enroll.empty()) return Enroll(asked);
  const bool maps = !own.test && !own.to_stdout && !own.to_socket;
  if (maps == own.name.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                maps ? "expected a NAME for the opened volume"
                     : "a NAME is of no use with --test, --stdout and --socket",
                "for example: assay-agent unlock --ca ca.pem /dev/vdb data");
  }
  return Unlock(asked);
}

}  // namespace assay::agent
