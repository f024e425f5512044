#include "server/vault_files.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "keys/kek_ring.h"
#include "keys/passphrase_kek.h"
#include "keys/pkcs11_hsm.h"
#include "keys/pkcs11_kek.h"
#include "keys/tpm_kek.h"
#include "keys/tpm_kek_file.h"
#include "server/state_dir.h"
#include "store/group_store.h"
#include "store/sqlite/sqlite_store.h"

namespace assay {
namespace {

struct NamedKeeper {
  std::string kind;
  std::unique_ptr<keys::KekKeeper> keeper;
};

Result<std::shared_ptr<keys::Pkcs11Token>> OpenHsmToken(const KekOptions& kek) {
  if (kek.hsm_token.empty() || kek.hsm_pin_file.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "an HSM needs --key-hsm-token and --key-hsm-pin-file");
  }
  SecretBytes pin = TRY(keys::ReadSecretFile(kek.hsm_pin_file));
  keys::Pkcs11Options options{kek.hsm_module, kek.hsm_token, std::move(pin)};
  return keys::Pkcs11Token::Open(std::move(options));
}

// The one that makes new ones comes first.
Result<std::unique_ptr<keys::KekKeeper>> RingOf(std::vector<NamedKeeper> all,
                                                const std::string& make_in) {
  const auto maker = std::find_if(all.begin(), all.end(), [&](const NamedKeeper& one) {
    return make_in.empty() || one.kind == make_in;
  });
  if (maker == all.end()) {
    return Fail(ErrorCode::kInvalidArgument,
                "a key-encryption key is to be made in: " + make_in + ", which was not given",
                "give --key-passphrase-file, --key-hsm-module or --key-tpm for it");
  }
  std::rotate(all.begin(), maker, maker + 1);
  std::vector<std::unique_ptr<keys::KekKeeper>> out;
  for (NamedKeeper& one : all) out.push_back(std::move(one.keeper));
  return std::make_unique<keys::KekRing>(std::move(out));
}

}  // namespace

Result<VaultFiles> OpenVaultFiles(const std::string& state_dir, const KekOptions& kek) {
  const std::string folder = state_dir + "/kek";
  VaultFiles out;
  std::vector<NamedKeeper> all;
  if (!kek.hsm_module.empty()) {
    const auto token = TRY(OpenHsmToken(kek));
    out.hsm = TRY(keys::Pkcs11Hsm::Open(token));
    all.push_back({"hsm", std::make_unique<keys::Pkcs11Keks>(token)});
  }
  if (!kek.tpm.empty()) {
    auto pcrs = TRY(keys::ParsePcrList(kek.tpm_pcrs));
    TRY_VOID(MakeStateDir(folder));
    all.push_back({"tpm", std::make_unique<keys::TpmKeks>(folder, std::move(pcrs),
                                                          keys::ConnectBy(kek.tpm))});
  }
  if (!kek.passphrase_file.empty() || all.empty()) {
    SecretBytes passphrase = TRY(keys::ReadPassphrase(kek.passphrase_file));
    TRY_VOID(MakeStateDir(folder));
    all.push_back(
        {"passphrase", std::make_unique<keys::PassphraseKeks>(folder, std::move(passphrase))});
  }
  out.keks = TRY(RingOf(std::move(all), kek.make_in));
  out.store = store::GroupCommits(TRY(store::OpenSqliteStore(KeyStoreFile(state_dir))));
  return out;
}

}  // namespace assay
