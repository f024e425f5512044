// What a simulated Intel document says and a quote must repeat.
#pragma once

#include <string_view>

namespace assay::simulate {

inline constexpr std::string_view kQeSigner = "Assay simulation quoting enclave signer";
inline constexpr unsigned kQeIsvProdId = 1;
inline constexpr unsigned kTdxComponentSvn = 2;
inline constexpr unsigned kTdxModuleSvn = 5;  // TEE_TCB_SVN[0]; TEE_TCB_SVN[1] is 1: "TDX_01"

}  // namespace assay::simulate
