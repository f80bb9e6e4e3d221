#include "base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace livefair::metrics {
namespace {

prometheus::Registry& registry() {
    static prometheus::Registry instance;
    return instance;
}

}  // namespace

void Counter::add(double by) { static_cast<prometheus::Counter*>(impl_)->Increment(by); }
void Gauge::set(double value) { static_cast<prometheus::Gauge*>(impl_)->Set(value); }
void Gauge::add(double by) { static_cast<prometheus::Gauge*>(impl_)->Increment(by); }
void Histogram::observe(double value) { static_cast<prometheus::Histogram*>(impl_)->Observe(value); }

Counter counter(const std::string& name, const std::string& help, const Labels& labels) {
    return Counter(&prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(labels));
}
Gauge gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return Gauge(&prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(labels));
}
Histogram histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds, const Labels& labels) {
    return Histogram(&prometheus::BuildHistogram().Name(name).Help(help).Register(registry()).Add(labels, bounds));
}
std::string to_text() { return prometheus::TextSerializer().Serialize(registry().Collect()); }

}  // namespace livefair::metrics
