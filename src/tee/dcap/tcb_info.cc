#include "tee/dcap/tcb_info.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"

namespace assay::dcap {
namespace {

tl::unexpected<Error> Malformed(std::string_view where, std::string_view why) {
  return Fail(ErrorCode::kMalformed, fmt::format("{}: {}", where, why));
}

Result<void> CheckCount(const json::Array& array, std::string_view where) {
  if (array.empty() || array.size() > limits::kTcbLevels) {
    return Malformed(where,
                     fmt::format("{} levels, expected 1 to {}", array.size(), limits::kTcbLevels));
  }
  return {};
}

// Version 3: [{"svn": n, …}, …], exactly sixteen.
Result<Svns> ParseComponentArray(const json::Value& tcb, std::string_view key) {
  const json::Array& array = *TRY(tcb.List(key, "tcb"));
  Svns out{};
  if (array.size() != out.size()) return Malformed(key, "expected 16 components");
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(TRY(ParseBoundedInt(array[i], "svn", 0xFF, key)));
  }
  return out;
}

// Versions 1 and 2: "sgxtcbcomp01svn" to "sgxtcbcomp16svn".
Result<Svns> ParseNumberedComponents(const json::Value& tcb) {
  Svns out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string key = fmt::format("sgxtcbcomp{:02}svn", i + 1);
    out[i] = static_cast<std::uint8_t>(TRY(ParseBoundedInt(tcb, key, 0xFF, "tcb")));
  }
  return out;
}

Result<TcbLevel> ParseLevel(const json::Value& level, std::int64_t version, bool tdx) {
  const json::Value* tcb = level.Find("tcb");
  if (tcb == nullptr) return Malformed("tcbLevels", "a level without tcb");
  TcbLevel out;
  out.sgx_components = version >= 3 ? TRY(ParseComponentArray(*tcb, "sgxtcbcomponents"))
                                    : TRY(ParseNumberedComponents(*tcb));
  if (tdx) out.tdx_components = TRY(ParseComponentArray(*tcb, "tdxtcbcomponents"));
  out.pce_svn = static_cast<std::uint16_t>(TRY(ParseBoundedInt(*tcb, "pcesvn", 0xFFFF, "tcb")));
  if (version == 1) {
    const auto status = TcbStatusNamed(TRY(level.String("status", "tcbLevels")));
    if (!status) return Malformed("tcbLevels", "unknown status");
    out.result.status = *status;
  } else {
    out.result = TRY(ParseLevelResult(level, "tcbLevels"));
  }
  return out;
}

Result<TdxModule> ParseModule(const json::Value& module, std::string_view where) {
  TdxModule out;
  out.mr_signer = TRY(ParseHexMember(module, "mrsigner", 48, where));
  out.attributes = TRY(ParseHexMember(module, "attributes", 8, where));
  out.attributes_mask = TRY(ParseHexMember(module, "attributesMask", 8, where));
  return out;
}

Result<void> ParseTdxParts(const json::Value& body, TcbInfo& out) {
  const json::Value* module = body.Find("tdxModule");
  if (module == nullptr) return Malformed("tcbInfo", "id is TDX but tdxModule is missing");
  out.tdx_module = TRY(ParseModule(*module, "tdxModule"));
  if (body.Find("tdxModuleIdentities") == nullptr) return {};
  const json::Array& identities = *TRY(body.List("tdxModuleIdentities", "tcbInfo"));
  TRY_VOID(CheckCount(identities, "tdxModuleIdentities"));
  for (const json::Value& identity : identities) {
    TdxModule parsed = TRY(ParseModule(identity, "tdxModuleIdentities"));
    parsed.id = TRY(identity.String("id", "tdxModuleIdentities"));
    parsed.levels = TRY(ParseIsvLevels(identity, "tdxModuleIdentities"));
    out.tdx_module_identities.push_back(std::move(parsed));
  }
  return {};
}

bool Reaches(const Svns& have, const Svns& want, std::size_t first) {
  for (std::size_t i = first; i < have.size(); ++i) {
    if (have[i] < want[i]) return false;
  }
  return true;
}

}  // namespace

Result<Bytes> ParseHexMember(const json::Value& object, std::string_view key, std::size_t size,
                             std::string_view where) {
  Bytes out = TRY(HexDecode(TRY(object.String(key, where))));
  if (out.size() != size) {
    return Malformed(where, fmt::format("{} has {} bytes, expected {}", key, out.size(), size));
  }
  return out;
}

Result<Time> ParseTimeMember(const json::Value& object, std::string_view key,
                             std::string_view where) {
  const std::string text = TRY(object.String(key, where));
  // Intel writes "2025-06-04T09:25:11Z"; ParseTime alone would also take seconds since 1970.
  if (!text.ends_with('Z')) return Malformed(where, fmt::format("{} is not a UTC time", key));
  return ParseTime(text);
}

Result<std::int64_t> ParseBoundedInt(const json::Value& object, std::string_view key,
                                     std::int64_t max, std::string_view where) {
  const std::int64_t value = TRY(object.Int(key, where));
  if (value < 0 || value > max) {
    return Malformed(where, fmt::format("{} is {}, expected 0 to {}", key, value, max));
  }
  return value;
}

Result<LevelResult> ParseLevelResult(const json::Value& level, std::string_view where) {
  LevelResult out;
  const std::string name = TRY(level.String("tcbStatus", where));
  const auto status = TcbStatusNamed(name);
  if (!status) return Malformed(where, fmt::format("unknown tcbStatus \"{}\"", name));
  out.status = *status;
  out.tcb_date = TRY(ParseTimeMember(level, "tcbDate", where));
  if (level.Find("advisoryIDs") != nullptr) {
    for (const json::Value& id : *TRY(level.List("advisoryIDs", where))) {
      if (id.AsString() == nullptr) return Malformed(where, "an advisory id is not a string");
      out.advisory_ids.push_back(*id.AsString());
    }
  }
  return out;
}

Result<std::vector<IsvLevel>> ParseIsvLevels(const json::Value& holder, std::string_view where) {
  const json::Array& levels = *TRY(holder.List("tcbLevels", where));
  TRY_VOID(CheckCount(levels, where));
  std::vector<IsvLevel> out;
  for (const json::Value& level : levels) {
    const json::Value* tcb = level.Find("tcb");
    if (tcb == nullptr) return Malformed(where, "a level without tcb");
    IsvLevel parsed;
    parsed.isv_svn =
        static_cast<std::uint16_t>(TRY(ParseBoundedInt(*tcb, "isvsvn", 0xFFFF, where)));
    parsed.result = TRY(ParseLevelResult(level, where));
    out.push_back(std::move(parsed));
  }
  return out;
}

Result<TcbInfo> ParseTcbInfo(const json::Value& body) {
  TcbInfo out;
  out.version = TRY(ParseBoundedInt(body, "version", 3, "tcbInfo"));
  out.id = out.version >= 3 ? TRY(body.String("id", "tcbInfo")) : "SGX";
  if (out.id != "SGX" && out.id != "TDX") return Malformed("tcbInfo", "id is neither SGX nor TDX");
  out.issue_date = TRY(ParseTimeMember(body, "issueDate", "tcbInfo"));
  out.next_update = TRY(ParseTimeMember(body, "nextUpdate", "tcbInfo"));
  out.fmspc = TRY(ParseHexMember(body, "fmspc", 6, "tcbInfo"));
  if (body.Find("pceId") != nullptr) out.pce_id = TRY(ParseHexMember(body, "pceId", 2, "tcbInfo"));
  if (out.version >= 2) {
    // tcbType 0 is the only comparison rule that Intel defines (PCS API v4).
    TRY(ParseBoundedInt(body, "tcbType", 0, "tcbInfo"));
    out.evaluation_data_number =
        TRY(ParseBoundedInt(body, "tcbEvaluationDataNumber", 0x7FFFFFFF, "tcbInfo"));
  }
  const bool tdx = out.id == "TDX";
  if (tdx) TRY_VOID(ParseTdxParts(body, out));
  const json::Array& levels = *TRY(body.List("tcbLevels", "tcbInfo"));
  TRY_VOID(CheckCount(levels, "tcbInfo.tcbLevels"));
  for (const json::Value& level : levels) {
    out.levels.push_back(TRY(ParseLevel(level, out.version, tdx)));
  }
  return out;
}

const TcbLevel* MatchPlatformLevel(const TcbInfo& info, const Svns& components,
                                   std::uint16_t pce_svn, const std::optional<Svns>& tee_tcb_svn) {
  for (const TcbLevel& level : info.levels) {
    if (!Reaches(components, level.sgx_components, 0) || pce_svn < level.pce_svn) continue;
    if (tee_tcb_svn) {
      const std::size_t first = (*tee_tcb_svn)[1] > 0 ? 2 : 0;
      if (!level.tdx_components || !Reaches(*tee_tcb_svn, *level.tdx_components, first)) continue;
    }
    return &level;
  }
  return nullptr;
}

const IsvLevel* MatchIsvLevel(const std::vector<IsvLevel>& levels, std::uint16_t svn) {
  for (const IsvLevel& level : levels) {
    if (level.isv_svn <= svn) return &level;
  }
  return nullptr;
}

}  // namespace assay::dcap
