#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

/// Prometheus metrics behind a pimpl. Names: livefair_<what>_<unit>[_total]. All thread-safe.
namespace livefair::metrics {

using Labels = std::map<std::string, std::string>;

class Counter {
public:
    explicit Counter(void* impl) : impl_(impl) {}
    void add(double by = 1);

private:
    void* impl_;  // prometheus::Counter, owned by the registry for the life of the program
};

class Gauge {
public:
    explicit Gauge(void* impl) : impl_(impl) {}
    void set(double value);
    void add(double by);

private:
    void* impl_;  // prometheus::Gauge
};

class Histogram {
public:
    explicit Histogram(void* impl) : impl_(impl) {}
    void observe(double value);

private:
    void* impl_;  // prometheus::Histogram
};

/// The program's one registry. Asking twice for the same name and labels gives the same metric.
Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
Histogram histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds, const Labels& labels = {});
/// Prometheus' text format, for GET /metrics.
std::string to_text();

}  // namespace livefair::metrics
