#include "tee/dcap/tcb_evaluation.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::dcap {
namespace {

struct PlatformAndModule {
  std::optional<LevelResult> platform, module;
  bool module_needed = false;
  std::string module_id;

  std::optional<TcbStatus> Status() const {
    if (!platform || (module_needed && !module)) return std::nullopt;
    return module ? Converge(platform->status, module->status) : platform->status;
  }
};

PlatformAndModule MatchPlatform(const TcbInfo& info, const PckExtension& platform,
                                const std::optional<Svns>& svns) {
  PlatformAndModule out;
  if (const TcbLevel* level =
          MatchPlatformLevel(info, platform.component_svns, platform.pce_svn, svns)) {
    out.platform = level->result;
  }
  if (!svns || (*svns)[1] == 0) return out;
  out.module_needed = true;
  out.module_id = fmt::format("TDX_{:02X}", (*svns)[1]);
  if (const TdxModule* module = FindModuleIdentity(info, *svns)) {
    if (const IsvLevel* level = MatchIsvLevel(module->levels, (*svns)[0])) {
      out.module = level->result;
    }
  }
  return out;
}

void AddPart(const std::optional<LevelResult>& part, TcbEvaluation& out, bool first) {
  if (!part) return;
  out.tcb_date = first ? part->tcb_date : std::min(out.tcb_date, part->tcb_date);
  for (const std::string& id : part->advisory_ids) {
    if (std::find(out.advisory_ids.begin(), out.advisory_ids.end(), id) == out.advisory_ids.end()) {
      out.advisory_ids.push_back(id);
    }
  }
}

}  // namespace

const TdxModule* FindModuleIdentity(const TcbInfo& info, const Svns& tee_tcb_svn) {
  const std::string id = fmt::format("TDX_{:02X}", tee_tcb_svn[1]);
  const auto& all = info.tdx_module_identities;
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const TdxModule& m) { return m.id == id; });
  return it == all.end() ? nullptr : &*it;
}

TcbEvaluation EvaluateTcb(const Endorsements& endorsements, const SgxReport& qe_report,
                          const std::optional<TdTcb>& td) {
  const TcbInfo& info = *endorsements.tcb_info->tcb_info;
  const PckExtension& platform = endorsements.chain->platform;
  TcbEvaluation out;
  out.evaluation_data_number = info.evaluation_data_number;
  const PlatformAndModule launch =
      MatchPlatform(info, platform, td ? std::optional(td->tee_tcb_svn) : std::nullopt);
  out.platform = launch.platform;
  out.module = launch.module;
  out.module_needed = launch.module_needed;
  out.module_id = launch.module_id;
  if (const IsvLevel* level =
          MatchIsvLevel(endorsements.qe_identity->qe_identity->levels, qe_report.isv_svn)) {
    out.qe = level->result;
  }
  AddPart(out.platform, out, true);
  AddPart(out.module, out, false);
  AddPart(out.qe, out, false);

  std::optional<TcbStatus> status = launch.Status();
  if (status && td && td->tee_tcb_svn_2) {
    const auto current = MatchPlatform(info, platform, td->tee_tcb_svn_2).Status();
    status = current ? std::optional(ConvergeRelaunch(*status, *current)) : std::nullopt;
  }
  if (status && out.qe) out.status = Converge(*status, out.qe->status);
  return out;
}

}  // namespace assay::dcap
