// The file of a key-encryption key that a TPM has sealed (tpm_kek.h shows it).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tpm2/seal.h"

namespace assay::keys {

struct TpmKekFile {
  tpm2::PcrValues pcrs;
  tpm2::Sealed sealed;
};

std::string WriteTpmKek(const std::string& id, const TpmKekFile& file);
// kMalformed when it is the file of another id.
Result<TpmKekFile> ParseTpmKek(View text, const std::string& id);

// "7,11": of 0 to 23, ascending and once each.
Result<std::vector<std::uint32_t>> ParsePcrList(std::string_view text);

}  // namespace assay::keys
