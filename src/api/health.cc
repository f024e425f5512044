// GET /healthz, /readyz and /metrics: for whoever operates the service.
#include "api/resources.h"

namespace assay {

// The service listens only after everything it needs is loaded, so that alive is also ready.
HttpResponse GetHealth(const Call&) {
  HttpResponse out;
  out.body = R"({"status":"ok"})";
  return out;
}

HttpResponse GetMetrics(const Call& call) {
  HttpResponse out;
  out.content_type = "text/plain; version=0.0.4; charset=utf-8";
  out.body = call.service.MetricsText();
  return out;
}

}  // namespace assay
