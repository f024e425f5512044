// What each service of this program has as a process: its clock, its log, how it says why it does
// not start, and the signals it waits for.
#pragma once

#include <csignal>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace assay {

Time SystemNow();

// One JSON object per line on standard error; `fields` never hold bodies, tokens or keys.
void SetUpLog();
void Log(std::string_view event, json::Object fields);

// Prints it; the exit status.
int Complain(const Error& error);

// Those that end or reload a service, blocked: before any thread starts, so that only sigwait sees
// them.
sigset_t BlockSignals();

// "https://attest.example:8443/x": "attest.example". Empty for what is no URL.
std::string HostOf(std::string_view url);

}  // namespace assay
