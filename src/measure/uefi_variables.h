// The UEFI variables of a machine, from the file that its firmware keeps them in.
//
// Sources: UEFI PI 1.8 Vol. 3 §3.2.1 (firmware volume header); EDK II, MdeModulePkg
// Include/Guid/VariableFormat.h (authenticated variable store), the format of OVMF's VARS files;
// Linux, Documentation/filesystems/efivarfs.rst.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tee/tcg/uefi.h"

namespace assay::measure {

struct UefiVariable {
  tcg::Guid vendor{};
  std::string name;
  Bytes data;
};

class UefiVariables {
 public:
  // OVMF_VARS.fd, or a flash image that starts with it. Only variables that are in force.
  static Result<UefiVariables> FromStore(View file);

  // One file of efivarfs: "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f", 4 bytes of attributes, data.
  Result<void> AddEfivarsFile(std::string_view file_name, View content);

  const UefiVariable* Find(const tcg::Guid& vendor, std::string_view name) const;
  // Empty if the variable is absent: so firmware measures it.
  View DataOf(const tcg::Guid& vendor, std::string_view name) const;
  const std::vector<UefiVariable>& all() const { return all_; }

 private:
  Result<void> Add(UefiVariable variable);

  std::vector<UefiVariable> all_;
};

// Whether firmware will enforce Secure Boot with these: the SecureBoot variable where there is one
// (efivarfs), else as EDK II derives it: a PK is enrolled and SecureBootEnable is not 0.
bool SecureBootEnabled(const UefiVariables& variables);

}  // namespace assay::measure
