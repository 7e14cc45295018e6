/* SPDX-License-Identifier: BSD-3-Clause */
/* Media types by the ends of names. */
#include <strings.h>

#include "service/http_files.h"

const char *
http_type_of(const char *path)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ "avif", "image/avif" },
		{ "bin", "application/octet-stream" },
		{ "css", "text/css; charset=utf-8" },
		{ "csv", "text/csv; charset=utf-8" },
		{ "gif", "image/gif" },
		{ "gz", "application/gzip" },
		{ "htm", "text/html; charset=utf-8" },
		{ "html", "text/html; charset=utf-8" },
		{ "ico", "image/vnd.microsoft.icon" },
		{ "jpeg", "image/jpeg" },
		{ "jpg", "image/jpeg" },
		{ "js", "text/javascript; charset=utf-8" },
		{ "json", "application/json" },
		{ "md", "text/markdown; charset=utf-8" },
		{ "mjs", "text/javascript; charset=utf-8" },
		{ "mp3", "audio/mpeg" },
		{ "mp4", "video/mp4" },
		{ "ogg", "audio/ogg" },
		{ "pdf", "application/pdf" },
		{ "png", "image/png" },
		{ "svg", "image/svg+xml" },
		{ "tar", "application/x-tar" },
		{ "txt", "text/plain; charset=utf-8" },
		{ "wasm", "application/wasm" },
		{ "webm", "video/webm" },
		{ "webp", "image/webp" },
		{ "woff", "font/woff" },
		{ "woff2", "font/woff2" },
		{ "xml", "application/xml" },
		{ "zip", "application/zip" },
	};
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');

	for (unsigned i = 0; dot > slash && i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcasecmp(dot + 1, types[i].end) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}
