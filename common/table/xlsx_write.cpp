#include "table/xlsx_write.hpp"

#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <array>

namespace livefair::table {
namespace {

/// A file in memory that has a path: the library writes to paths alone.
class MemoryFile {
public:
    MemoryFile() : fd_(memfd_create("livefair.xlsx", MFD_CLOEXEC)) {}
    ~MemoryFile() {
        if (fd_ >= 0) close(fd_);
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    bool is_open() const { return fd_ >= 0; }
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

    Result<std::string> read() const {
        std::string bytes;
        std::array<char, 65'536> buffer;
        for (;;) {
            const auto count = pread(fd_, buffer.data(), buffer.size(), static_cast<off_t>(bytes.size()));
            if (count < 0) return make_error_code(Errc::internal);
            if (count == 0) return bytes;
            bytes.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }

private:
    int fd_;
};

}  // namespace

Result<std::string> write_xlsx(const std::string& sheet, const std::vector<std::vector<std::string>>& rows) {
    const MemoryFile file;
    if (!file.is_open()) return make_error_code(Errc::internal);
    auto* workbook = workbook_new(file.path().c_str());
    if (workbook == nullptr) return make_error_code(Errc::internal);
    auto* worksheet = workbook_add_worksheet(workbook, sheet.c_str());
    auto written = worksheet == nullptr ? LXW_ERROR_MEMORY_MALLOC_FAILED : LXW_NO_ERROR;
    if (worksheet != nullptr) worksheet_freeze_panes(worksheet, 1, 0);
    for (std::size_t i = 0; i < rows.size() && written == LXW_NO_ERROR; ++i)
        for (std::size_t j = 0; j < rows[i].size() && written == LXW_NO_ERROR; ++j)
            if (!rows[i][j].empty())
                written = worksheet_write_string(worksheet, static_cast<lxw_row_t>(i), static_cast<lxw_col_t>(j),
                                                 rows[i][j].c_str(), nullptr);
    // Frees the workbook, whatever it returns.
    const auto closed = workbook_close(workbook);
    if (written != LXW_NO_ERROR || closed != LXW_NO_ERROR) return make_error_code(Errc::internal);
    return file.read();
}

}  // namespace livefair::table
