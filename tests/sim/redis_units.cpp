// How the model Redis writes: each change leaves what takes it back.
#include "base/check.hpp"
#include "sim/redis_data.hpp"

namespace livefair::sim {

using Type = RedisValue::Type;

void RedisData::log(const std::string& key, Undo undo) {
    changed_.insert(key);
    open_unit_.push_back(std::move(undo));
}

bool RedisData::end_unit() {
    if (open_unit_.empty()) return false;
    units_.push_back(std::exchange(open_unit_, {}));
    if (units_.size() > units_max) units_.pop_front();
    return true;
}

void RedisData::take_back(std::size_t count) {
    LF_CHECK(open_unit_.empty());
    for (; count > 0 && !units_.empty(); --count) {
        auto unit = std::move(units_.back());
        units_.pop_back();
        for (auto undo = unit.rbegin(); undo != unit.rend(); ++undo) (*undo)();
    }
}

void RedisData::clear() {
    for (const auto& [key, value] : values_) changed_.insert(key);
    values_.clear();
    open_unit_.clear();
    units_.clear();
}

void RedisData::copy(const RedisData& other) {
    clear();
    values_ = other.values_;
}

const RedisValue* RedisData::find(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
}

std::vector<std::string> RedisData::keys() const {
    std::set<std::string> sorted;
    for (const auto& [key, value] : values_) sorted.insert(key);
    return {sorted.begin(), sorted.end()};
}

std::vector<std::string> RedisData::take_changed() {
    std::vector<std::string> keys(changed_.begin(), changed_.end());
    changed_.clear();
    return keys;
}

RedisValue* RedisData::typed(const std::string& key, Type type) {
    const auto found = values_.find(key);
    if (found == values_.end()) return nullptr;
    if (found->second.type != type) throw WrongType{};
    return &found->second;
}

RedisValue& RedisData::writable(const std::string& key, Type type) {
    auto* known = typed(key, type);
    if (known != nullptr) return *known;
    auto& made = values_[key];
    made.type = type;
    log(key, [this, key] {
        changed_.insert(key);
        values_.erase(key);
    });
    return made;
}

void RedisData::remove(const std::string& key) {
    const auto found = values_.find(key);
    if (found == values_.end()) return;
    auto old = std::make_shared<RedisValue>(std::move(found->second));
    values_.erase(found);
    log(key, [this, key, old] {
        changed_.insert(key);
        values_[key] = *old;
    });
}

void RedisData::drop_if_empty(const std::string& key) {
    const auto* value = find(key);
    if (value != nullptr && value->hash.empty() && value->scores.empty()) remove(key);
}

void RedisData::set_field(const std::string& key, const std::string& field, const std::string& value) {
    auto& hash = writable(key, Type::hash).hash;
    const auto found = hash.find(field);
    std::optional<std::string> old;
    if (found != hash.end()) old = found->second;
    hash[field] = value;
    log(key, [this, key, field, old] {
        changed_.insert(key);
        if (old) values_[key].hash[field] = *old;
        else values_[key].hash.erase(field);
    });
}

bool RedisData::remove_field(const std::string& key, const std::string& field) {
    auto* value = typed(key, Type::hash);
    const auto found = value == nullptr ? std::map<std::string, std::string>::iterator() : value->hash.find(field);
    if (value == nullptr || found == value->hash.end()) return false;
    const auto old = found->second;
    value->hash.erase(found);
    log(key, [this, key, field, old] {
        changed_.insert(key);
        values_[key].hash[field] = old;
    });
    return true;
}

void RedisData::set_score(const std::string& key, const std::string& member, double score) {
    auto& value = writable(key, Type::zset);
    remove_score(key, member);
    value.scores[member] = score;
    value.ranking.emplace(score, member);
    log(key, [this, key, member, score] {
        changed_.insert(key);
        values_[key].scores.erase(member);
        values_[key].ranking.erase({score, member});
    });
}

bool RedisData::remove_score(const std::string& key, const std::string& member) {
    auto* value = typed(key, Type::zset);
    if (value == nullptr || !value->scores.contains(member)) return false;
    const auto score = value->scores[member];
    value->scores.erase(member);
    value->ranking.erase({score, member});
    log(key, [this, key, member, score] {
        changed_.insert(key);
        values_[key].scores[member] = score;
        values_[key].ranking.emplace(score, member);
    });
    return true;
}

}  // namespace livefair::sim
