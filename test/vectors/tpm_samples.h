// The Trusted Launch samples of ../shared/vectors as evidence of the "tpm" scheme.
#pragma once

#include <sstream>
#include <string>

#include "base/encoding.h"
#include "base/json.h"
#include "vectors/samples.h"

namespace assay::samples {

// tpm2-tools' text of PCRs: "  sha256:" and lines "    0 : 0x9004...".
inline json::Object PcrsOfText(const std::filesystem::path& file) {
  json::Object banks;
  json::Object values;
  std::string bank;
  std::istringstream lines{std::string(AsText(Read(file)))};
  const auto flush = [&] {
    if (!bank.empty()) banks.emplace_back(bank, std::move(values));
    values.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    const std::size_t value = line.find(": 0x");
    if (value == std::string::npos) {
      flush();
      bank = line.substr(line.find_first_not_of(' '));
      bank.resize(bank.find(':'));
      continue;
    }
    const std::string digits = HexEncode(HexDecode(line.substr(value + 4)).value());
    values.emplace_back(std::to_string(std::stoi(line)), digits);
  }
  flush();
  return banks;
}

// One boot. The folder of a second quote holds only what is new.
struct Boot {
  Bytes ak_public, ak_name, quote, signature, event_log, ima_log, nonce;
  json::Object pcrs;

  std::string Json() const {
    const auto text = [](const Bytes& bytes) { return json::Value(Base64UrlEncode(bytes)); };
    return json::Write(json::Object{
        {"assay-evidence", "tpm/1"},
        {"ak", text(ak_public)},
        {"quotes",
         json::Array{json::Object{{"message", text(quote)}, {"signature", text(signature)}}}},
        {"pcrs", pcrs},
        {"event_log", text(event_log)},
        {"ima_log", text(ima_log)},
    });
  }
};

inline Boot TrustedLaunch(const std::string& name) {
  const auto folder = Root() / "trusted-launch" / name;
  Boot out;
  const auto first = folder.filename() == "second" ? folder.parent_path() : folder;
  out.ak_public = Read(first / "ak.pub");
  out.ak_name = Read(first / "ak.name");
  out.quote = Read(folder / "quote.msg");
  out.signature = Read(folder / "quote.sig");
  out.event_log = Read(folder / "bios.log");
  out.ima_log = Read(folder / "ima.log");
  std::string nonce(AsText(Read(folder / "nonce")));
  while (!nonce.empty() && nonce.back() <= ' ') nonce.pop_back();
  out.nonce = HexDecode(nonce).value();
  out.pcrs = PcrsOfText(folder / "pcrs.txt");
  return out;
}

}  // namespace assay::samples
