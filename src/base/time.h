// Points in time, in whole seconds UTC. Nothing below the programs reads the clock: time is an
// argument, so that every decision can be replayed.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace assay {

using Time = std::chrono::sys_seconds;

// "2025-06-04T09:25:11Z" (RFC 3339, UTC only, no fraction); also a bare "2025-06-04T09:25:11", read
// as UTC, and a decimal count of seconds since 1970.
Result<Time> ParseTime(std::string_view text);
// RFC 3339 with Z; a time that has no such form as seconds.
std::string FormatTime(Time time);

inline std::int64_t UnixSeconds(Time time) { return time.time_since_epoch().count(); }
inline Time FromUnixSeconds(std::int64_t s) { return Time{std::chrono::seconds{s}}; }

}  // namespace assay
