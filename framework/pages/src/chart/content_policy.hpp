#pragma once
#include <string>
#include <string_view>

namespace ironlaw::host {

/// What a page may run and load, as the value of a Content-Security-Policy: the scripts and styles that stand in `frame`, by
/// their hashes, and nothing else, from nowhere. What is filled into the frame later cannot run, whatever it holds.
/// `packed_script`, where the page unpacks one, may run too.
[[nodiscard]] std::string content_policy(std::string_view frame, std::string_view packed_script = {});

/// A picture as such a page takes it: without style sheets of its own, which say what happens under a pointer, and with
/// attributes for what stands in style attributes, as not every browser takes hashes for those.
[[nodiscard]] std::string without_styles(std::string_view svg);

}  // namespace ironlaw::host
