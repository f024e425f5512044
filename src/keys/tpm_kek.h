// Key-encryption keys that the machine's TPM seals to its PCRs (tpm2/seal.h).
//
//   kek-ID.tpm.json   {"version":1,"id":ID,"pcrs":{"7":HEX,...},"public":...,"private":...}
//
// "public" and "private" are the sealed object, which only that TPM opens, and only while the PCRs
// have those values. "pcrs" says them again, for people: whoever changes them there changes a
// message.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "keys/key_encryption_key.h"
#include "tpm2/tpm.h"

namespace assay::keys {

class TpmKeks final : public KekKeeper {
 public:
  using Connect = std::function<Result<tpm2::Tpm>()>;

  // The folder is there, and only its owner may enter it. New KEKs are sealed to what `pcrs` hold
  // then. The TPM is asked only for what is not in memory, and left to others in between.
  TpmKeks(std::string folder, std::vector<std::uint32_t> pcrs, Connect connect)
      : folder_(std::move(folder)), pcrs_(std::move(pcrs)), connect_(std::move(connect)) {}

  Result<KekPtr> Make() override;
  // kInvalidArgument when the PCRs have changed, with what was expected and found.
  Result<KekPtr> Find(const std::string& id) override;

 private:
  const std::string folder_;
  const std::vector<std::uint32_t> pcrs_;
  const Connect connect_;
  std::mutex mutex_;  // guards known_, and that one thread speaks with the TPM
  std::map<std::string, KekPtr> known_;
};

// By a transport, as "device:/dev/tpmrm0".
TpmKeks::Connect ConnectBy(std::string tcti);

}  // namespace assay::keys
