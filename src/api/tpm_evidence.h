// The TPM data of a request of Azure's protocol as evidence of the scheme "tpm".
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace assay {

// Members of a "tpm/1" document (tee/tpm/evidence.h), of `tpm_att_data` of version 1 or 2.
// kUnsupported for logs that would have to be joined: one of the firmware and one of IMA are taken.
Result<json::Object> TpmEvidenceV1(const json::Value& tpm_att_data);
Result<json::Object> TpmEvidenceV2(const json::Value& tpm_att_data);

// {"public", "certification", "signature"} of a key object's info.tpm_certify.
Result<json::Value> CertifiedKeyMember(const json::Value& tpm_certify);

}  // namespace assay
