#include "agent/options.h"
#include "agent/run.h"

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto options = assay::agent::ParseOptions(argc, argv, exit_code);
  return options ? assay::agent::Run(*options) : exit_code;
}
