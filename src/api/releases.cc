// /releases: the values that machines must have (monitor/release.h).
#include "api/machine_json.h"

namespace assay {
namespace {

using monitor::Release;

tl::unexpected<Error> NoSuchRelease(std::string_view name) {
  return Fail(ErrorCode::kMissing,
              "release " + std::string(name.substr(0, 64)) + ": there is none");
}

Result<Release> Find(const Call& call) {
  auto found = TRY(call.machines->FleetOf(call.service).releases().Find(call.parameter));
  if (!found) return NoSuchRelease(call.parameter);
  return std::move(*found);
}

Result<Release> Set(const Call& call) {
  Release release = TRY(monitor::ReleaseFromJson(call.request.body));
  if (release.name != call.parameter) {
    return Fail(
        ErrorCode::kInvalidArgument,
        "the path names release " + std::string(call.parameter) + ", the body " + release.name);
  }
  release.retired = false;
  TRY_VOID(call.machines->FleetOf(call.service).releases().Set(release));
  return release;
}

// One that machines must have would hold them to nothing.
Result<void> Delete(const Call& call) {
  TRY(Find(call));
  monitor::Fleet& fleet = call.machines->FleetOf(call.service);
  const monitor::Survey survey = TRY(fleet.Inspect(call.machines->now(), call.machines->now()));
  const auto used = survey.by_release.find(std::string(call.parameter));
  if (used != survey.by_release.end()) {
    return Fail(ErrorCode::kConflict, std::to_string(used->second) + " machines have this release",
                "approve them with another one first");
  }
  return fleet.releases().Delete(call.parameter);
}

}  // namespace

HttpResponse ListReleases(const Call& call) {
  const auto releases = call.machines->FleetOf(call.service).releases().List();
  if (!releases) return ToResponse(MachineError(releases.error()));
  json::Array out;
  for (const Release& one : *releases) {
    json::Object entry{{"release", one.name}, {"retired", one.retired}};
    if (!one.successor.empty()) entry.emplace_back("successor", one.successor);
    out.emplace_back(std::move(entry));
  }
  return JsonResponse(json::Object{{"releases", std::move(out)}});
}

HttpResponse GetRelease(const Call& call) {
  const Result<Release> release = Find(call);
  return release ? JsonResponse(ReleaseJson(*release)) : ToResponse(MachineError(release.error()));
}

HttpResponse PutRelease(const Call& call) {
  const Result<Release> release = Set(call);
  return release ? JsonResponse(ReleaseJson(*release)) : ToResponse(MachineError(release.error()));
}

HttpResponse DeleteRelease(const Call& call) {
  const Result<void> done = Delete(call);
  return done ? JsonResponse(json::Object{{"deleted", std::string(call.parameter)}})
              : ToResponse(MachineError(done.error()));
}

}  // namespace assay
