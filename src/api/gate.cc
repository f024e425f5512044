#include "api/gate.h"

namespace assay {

Gate GateWithoutIdentities(bool open_management) {
  return [open_management](std::string_view, Action action,
                           const HttpRequest&) -> std::optional<ApiError> {
    if (action == Action::kPublic || action == Action::kAttest || open_management) {
      return std::nullopt;
    }
    return ApiError{401,
                    "Unauthorized",
                    "management is closed: this service knows nobody who may manage it; for tests, "
                    "`assay serve --insecure-open-management` opens it to everybody",
                    {}};
  };
}

}  // namespace assay
