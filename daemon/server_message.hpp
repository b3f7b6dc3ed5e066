// The messages of the status socket: documents as HTTP, and what is said of a request that is none.
#pragma once

#include "exchange.hpp"
#include "server_json.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>

#include <optional>

namespace sshpermd {

using Message = boost::beast::http::response<boost::beast::http::string_body>;

Message message_of(Document document);

/// What a request that could not be read was; nothing when nobody is there to be told.
std::optional<Problem> problem_of(const boost::system::error_code& error);

} // namespace sshpermd
