#pragma once

#include "tee/core/scheme.h"

namespace assay {

// "azure": a confidential VM of Azure, SEV-SNP or TDX, whose vTPM the hardware's report vouches
// for.
//
// The chain of trust: the processor's report holds the hash of the runtime data; these name the
// attestation key; that key signed the quote; the quote holds the PCRs. A JSON object of Assay's
// own (base64url, PCR values in hexadecimal):
//   {"assay-evidence": "azure/1",
//    "hcl_report": "NV index 0x01400001",
//    "td_quote": "TDX only: the quote over the TDREPORT",
// or, where only these are at hand, in place of "hcl_report":
//    "runtime_data": "the JSON, as it was hashed", and "snp_report" or "td_quote"
//    "ak": "TPM2B_PUBLIC or TPMT_PUBLIC of the key that the runtime data name",   optional: it has
//          the name under which the machine was enrolled
//    "quotes": [...], "pcrs": {...}, "event_log": "...", "ima_log": "..."}   as in "tpm/1"
extern const Scheme kAzureScheme;

}  // namespace assay
