#include "cli/commands.h"
#include "cli/options.h"

int main(int argc, char** argv) {
  assay::cli::Printed printed;
  const auto options = assay::cli::ParseOptions(argc, argv, printed);
  return options ? assay::cli::Run(*options) : printed.exit_code;
}
