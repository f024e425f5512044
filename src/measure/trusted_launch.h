// All PCRs that can be predicted of a Trusted Launch boot, put together from its artefacts.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "measure/boot_chain.h"

namespace assay::measure {

// A boot file: the file itself, or only its digests where the file is not at hand.
struct Artefact {
  std::optional<Bytes> file;
  Digests digests;       // of the file
  Digests authenticode;  // of the image in it
};

// Of the file, and of the image in it; where only digests are known, those.
Digests FileDigests(const Artefact& artefact, const Banks& banks);
Result<Digests> ImageDigests(const Artefact& artefact, const Banks& banks);

struct TrustedLaunchBoot {
  std::optional<Artefact> shim, grub, kernel, initrd;  // Debian's chain, or
  std::optional<Artefact> uki;                         // a UKI that firmware starts
  std::optional<Bytes> grub_config;
  std::optional<std::vector<std::string>> grub_preamble;  // else that of Debian's GRUB
  std::string grub_device = "hd0";
  std::optional<UefiVariables> variables;
  std::string phases;  // of systemd, extended into PCR 11 after the log: "enter-initrd:..."
  std::set<std::uint32_t> learned;  // need no prediction
  Banks banks = {HashAlgorithm::kSha256};
};

struct Prediction {
  ExpectedEvents events;
  std::map<std::uint32_t, std::string> not_predicted;  // the PCR, and what was missing
};

// An error when an artefact contradicts the boot: Secure Boot would refuse it, its format is
// another, it does what only the machine decides.
Result<Prediction> Predict(const TrustedLaunchBoot& boot);

}  // namespace assay::measure
