#include "policy/config_layers.hpp"

#include "policy/config_json.hpp"
#include "policy/json_text.hpp"

#include <utility>

namespace sshpermd {
namespace {

constexpr const char* overrides_key = "overrides";

std::string place_of(const std::string& file, const JsonDocument& document,
                     const std::string& pointer) {
    const auto line = document.lines.find(pointer);
    return line == document.lines.end() ? file : file + ":" + std::to_string(line->second);
}

/// Grows layer by layer.
class Whole {
  public:
    void lay_over(const std::string& file, JsonDocument document) {
        take_overrides(file, document);
        note_origins(file, document, document.root, "");
        document_.root.merge_patch(document.root);
    }

    LayeredConfig finish(std::vector<std::string> files) {
        for (std::size_t i = 0; i < places_.size(); ++i)
            origins_["/overrides/" + std::to_string(i)] = places_[i];
        if (!overrides_.empty())
            document_.root[overrides_key] = std::move(overrides_);
        return {read_config(document_, "the configuration as a whole"), std::move(files),
                std::move(origins_)};
    }

  private:
    void take_overrides(const std::string& file, JsonDocument& document) {
        const auto found = document.root.find(overrides_key);
        if (found == document.root.end())
            return;
        auto all = std::move(*found);
        document.root.erase(overrides_key);
        std::vector<std::string> places;
        for (std::size_t i = 0; i < all.size(); ++i)
            places.push_back(place_of(file, document, "/overrides/" + std::to_string(i)));
        all.insert(all.end(), overrides_.begin(), overrides_.end());
        places.insert(places.end(), places_.begin(), places_.end());
        overrides_ = std::move(all);
        places_ = std::move(places);
    }

    void note_origins(const std::string& file, const JsonDocument& document, const Json& value,
                      const std::string& pointer) {
        if (!value.is_object()) {
            origins_[pointer] = place_of(file, document, pointer);
            return;
        }
        for (const auto& [key, member] : value.items())
            note_origins(file, document, member, deeper(pointer, key));
    }

    JsonDocument document_{Json::object(), {}};
    Json overrides_ = Json::array();
    std::vector<std::string> places_; ///< of the overrides, in their order
    std::map<std::string, std::string> origins_;
};

} // namespace

LayeredConfig merge_layers(const std::vector<ConfigLayer>& layers) {
    Whole whole;
    std::vector<std::string> files;
    for (const auto& [file, text] : layers) {
        auto document = parse_json(text, file);
        read_config(document, file); // says on which line of which file it is wrong
        whole.lay_over(file, std::move(document));
        files.push_back(file);
    }
    return whole.finish(std::move(files));
}

std::string origin_of(const LayeredConfig& layered, const std::string& pointer) {
    const auto found = layered.origins.find(pointer);
    return found == layered.origins.end() ? "" : found->second + ": ";
}

} // namespace sshpermd
