#include "redis/codec.hpp"

#include <hiredis/hiredis.h>

namespace livefair::redis {
namespace {

constexpr int items_max = 1'000'000;

/// Where the value of `task` goes: the root, or its place in the array that holds it.
Reply& target(const redisReadTask* task) {
    if (!task->parent) return *static_cast<Reply*>(task->privdata);
    return static_cast<Reply*>(task->parent->obj)->items[static_cast<std::size_t>(task->idx)];
}

void* create_text(const redisReadTask* task, char* text, size_t length) {
    Reply& reply = target(task);
    reply.kind = task->type == REDIS_REPLY_ERROR ? Reply::Kind::error : Reply::Kind::text;
    reply.text.assign(text, length);
    return &reply;
}

void* create_array(const redisReadTask* task, int count) {
    if (count > items_max) return nullptr;
    Reply& reply = target(task);
    reply.kind = Reply::Kind::array;
    reply.items.resize(static_cast<std::size_t>(count));
    return &reply;
}

void* create_integer(const redisReadTask* task, long long value) {
    Reply& reply = target(task);
    reply.kind = Reply::Kind::integer;
    reply.integer = value;
    return &reply;
}

void* create_nil(const redisReadTask* task) { return &target(task); }

/// The values belong to the root Reply, which the reader's owner holds.
void free_nothing(void*) {}

redisReplyObjectFunctions builders = {create_text, create_array, create_integer, create_nil, free_nothing};

}  // namespace

void append_command(std::string& out, const std::vector<std::string>& command) {
    std::vector<const char*> arguments;
    std::vector<std::size_t> lengths;
    for (const auto& argument : command) {
        arguments.push_back(argument.data());
        lengths.push_back(argument.size());
    }
    char* text = nullptr;
    const int length =
        redisFormatCommandArgv(&text, static_cast<int>(command.size()), arguments.data(), lengths.data());
    if (length < 0) throw std::bad_alloc();
    out.append(text, static_cast<std::size_t>(length));
    redisFreeCommand(text);
}

class ReplyReader::Impl {
public:
    explicit Impl(std::size_t reply_bytes_max)
        : reply_bytes_max_(reply_bytes_max), reader_(redisReaderCreateWithFunctions(&builders), redisReaderFree) {
        if (!reader_) throw std::bad_alloc();
        reader_->privdata = &root_;
    }

    void feed(std::string_view bytes) {
        redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
        unfinished_bytes_ += bytes.size();
    }

    Result<std::optional<Reply>> next() {
        if (unfinished_bytes_ > reply_bytes_max_) return make_error_code(Errc::too_large);
        void* reply = nullptr;
        if (redisReaderGetReply(reader_.get(), &reply) != REDIS_OK)
            return make_error_code(reader_->err == REDIS_ERR_OOM ? Errc::too_large : Errc::invalid_input);
        if (!reply) return std::optional<Reply>();
        unfinished_bytes_ = reader_->len - reader_->pos;
        return std::optional<Reply>(std::exchange(root_, Reply()));
    }

private:
    std::size_t reply_bytes_max_;
    std::size_t unfinished_bytes_ = 0;
    Reply root_;
    std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
};

ReplyReader::ReplyReader(std::size_t reply_bytes_max) : impl_(std::make_unique<Impl>(reply_bytes_max)) {}
ReplyReader::~ReplyReader() = default;
void ReplyReader::feed(std::string_view bytes) { impl_->feed(bytes); }
Result<std::optional<Reply>> ReplyReader::next() { return impl_->next(); }

}  // namespace livefair::redis
