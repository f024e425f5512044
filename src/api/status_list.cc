// GET /status-list: whether the machines that tokens name are still trusted, signed.
#include "monitor/status_list.h"

#include "api/machine_json.h"

namespace assay {
namespace {

// Relying parties ask again after the first, and believe a list no longer than the second.
constexpr std::int64_t kTimeToLiveSeconds = 15;
constexpr std::int64_t kLifeSeconds = 300;

Result<std::string> SignedList(const Call& call) {
  const monitor::Survey survey = TRY(call.machines->SurveyOf(call.machines->FleetOf(call.service)));
  const Bytes list = TRY(monitor::CompressStatuses(survey.states));
  const std::int64_t now = UnixSeconds(call.machines->now());
  return call.service.SignAs("statuslist+jwt",
                             {{"exp", now + kLifeSeconds},
                              {"iat", now},
                              {"iss", call.service.issuer()},
                              {"status_list", json::Object{{"bits", monitor::kStatusBits},
                                                           {"lst", Base64UrlEncode(list)}}},
                              {"sub", call.service.issuer() + "/status-list"},
                              {"ttl", kTimeToLiveSeconds}});
}

}  // namespace

HttpResponse GetStatusList(const Call& call) {
  const Result<std::string> list = SignedList(call);
  if (!list) return ToResponse(MachineError(list.error()));
  HttpResponse out;
  out.content_type = "application/statuslist+jwt";
  out.body = *list;
  return out;
}

}  // namespace assay
