// What signs the answers of key releases, in the state folder.
//
//   release.key, release.pem   RSA, as Key Vault's; issued by the folder's own authority (ca.pem)
#pragma once

#include <string>

#include "base/time.h"
#include "release/answer.h"

namespace assay {

// Made when it is missing, made anew when it has expired. `host` is the vault's, for people; may be
// empty.
Result<release::AnswerSigner> OpenAnswerSigner(const std::string& state_dir,
                                               const std::string& host, Time now);

}  // namespace assay
