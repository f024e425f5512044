// Intel TCB info: which platform SVNs have which TCB status. Source: Intel PCS API v4, "Get TCB
// Info".
//
// Versions 1 to 3 are parsed; verification demands version 2 or 3.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "tee/dcap/tcb_status.h"

namespace assay::dcap {

using Svns = std::array<std::uint8_t, 16>;

struct LevelResult {
  TcbStatus status = TcbStatus::kRevoked;
  Time tcb_date{};
  std::vector<std::string> advisory_ids;
};

struct TcbLevel {
  Svns sgx_components{};
  std::optional<Svns> tdx_components;
  std::uint16_t pce_svn = 0;
  LevelResult result;
};

// A level of something with one SVN: a TDX module or a quoting enclave.
struct IsvLevel {
  std::uint16_t isv_svn = 0;
  LevelResult result;
};

struct TdxModule {
  std::string id;                     // "TDX_01"; empty for the module of TDX 1.0
  Bytes mr_signer;                    // 48
  Bytes attributes, attributes_mask;  // 8
  std::vector<IsvLevel> levels;       // empty for the module of TDX 1.0
};

struct TcbInfo {
  std::string id;  // "SGX" or "TDX"; version 2 has none and is SGX
  std::int64_t version = 0;
  Time issue_date{}, next_update{};
  Bytes fmspc;   // 6
  Bytes pce_id;  // 2, or empty
  std::int64_t evaluation_data_number = 0;
  std::optional<TdxModule> tdx_module;
  std::vector<TdxModule> tdx_module_identities;
  std::vector<TcbLevel> levels;
};

// `body` is the inner object of the document.
Result<TcbInfo> ParseTcbInfo(const json::Value& body);

// Shared with the QE identity, which has levels of the same shape.
Result<LevelResult> ParseLevelResult(const json::Value& level, std::string_view where);
Result<std::vector<IsvLevel>> ParseIsvLevels(const json::Value& holder, std::string_view where);
Result<Bytes> ParseHexMember(const json::Value& object, std::string_view key, std::size_t size,
                             std::string_view where);
Result<Time> ParseTimeMember(const json::Value& object, std::string_view key,
                             std::string_view where);
Result<std::int64_t> ParseBoundedInt(const json::Value& object, std::string_view key,
                                     std::int64_t max, std::string_view where);

// The first level that the platform reaches: every SGX component, PCESVN and, when `tee_tcb_svn` is
// given, every TDX component; null when there is none. Components 0 and 1 of TEE_TCB_SVN are the
// TDX module's own and left to its identity when TEE_TCB_SVN[1] > 0.
const TcbLevel* MatchPlatformLevel(const TcbInfo& info, const Svns& components,
                                   std::uint16_t pce_svn, const std::optional<Svns>& tee_tcb_svn);
// The first level with isv_svn <= `svn`; null when there is none.
const IsvLevel* MatchIsvLevel(const std::vector<IsvLevel>& levels, std::uint16_t svn);

}  // namespace assay::dcap
