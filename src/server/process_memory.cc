#include "server/process_memory.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "crypto/secret.h"

namespace assay {
namespace {

Result<void> ForbidDumps() {
  TRY_VOID(EmptyDumps());
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return Fail(ErrorCode::kIo, std::string("core dumps: ") + std::strerror(errno),
                "--allow-core-dumps starts the service all the same");
  }
  return {};
}

}  // namespace

// core(5): bit 0 stands for anonymous private mappings, the heap and the stacks; bits 1 to 8 for
// shared ones and files.
Result<void> EmptyDumps() {
  std::ofstream filter("/proc/self/coredump_filter");
  filter << "0" << std::flush;
  if (!filter) {
    return Fail(ErrorCode::kIo, std::string("/proc/self/coredump_filter: ") + std::strerror(errno),
                "is /proc mounted? --allow-core-dumps starts the service all the same");
  }
  return {};
}

Result<ProcessMemory> ProtectMemory(std::size_t arena_bytes, bool allow_dumps) {
  ProcessMemory out;
  out.locked = TRY(OpenSecretArena(arena_bytes));
  if (allow_dumps) return out;
  TRY_VOID(ForbidDumps());
  out.no_dumps = true;
  return out;
}

}  // namespace assay
